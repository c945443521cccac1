"""What commands for authors do: ingest here or in a running server, and show what would change."""
