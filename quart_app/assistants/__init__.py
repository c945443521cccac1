"""What the assistants of other people may do with the book, over the Model Context Protocol."""
