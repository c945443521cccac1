"""What the worker processes of one server have from their parent, and ask of each other."""
