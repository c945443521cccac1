"""The book's index: what is stored of the book, and which chunks bear on a question."""
