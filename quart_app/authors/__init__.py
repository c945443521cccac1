"""What a running server does for authors: one ingestion at a time, beside its answers."""
