"""The folder of a book: which files are pages, and where each is published."""
