"""Answers without a language model: the sources' own sentences, chosen and arranged."""
