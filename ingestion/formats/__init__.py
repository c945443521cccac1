"""The makes of books: how each is found, which files are its pages, and how these are read."""
