"""What is said of requests that cannot be read."""
