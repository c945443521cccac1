"""HTML as Markdown: the main text of a page that some generator built."""
