"""Makes of scientific books: Sphinx, mystmd, Quarto."""
