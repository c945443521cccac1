"""Texts as vectors: the built-in MiniLM, or a provider's endpoint."""
