"""The gate: whether the book covers a question at all, and how an ingestion sets it for a book."""
