"""What a server does under more load than it can take at once."""
