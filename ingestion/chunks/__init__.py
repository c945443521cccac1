"""A page cut up: sections, chunks, and the sentences in them."""
