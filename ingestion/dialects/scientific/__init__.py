"""The Markdown of scientific books: MyST, Quarto, notebooks."""
