"""What outlives a socket: answers and their logs, sessions, and limits."""
