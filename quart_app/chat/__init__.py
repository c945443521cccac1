"""One reader's socket: what comes in, what goes out, and when it closes."""
