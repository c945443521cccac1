"""Ingestion: a book's files become sections, chunks, and the index."""
