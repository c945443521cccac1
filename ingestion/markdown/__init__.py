"""Markdown and MDX as tokens: one parser, for the index and for the pages that readers see."""
