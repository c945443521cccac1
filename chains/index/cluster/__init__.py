"""A Qdrant server or cluster: how it is reached, and how the collections of a book are spread."""
