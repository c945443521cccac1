"""What the server counts and times, as Prometheus reads it."""
