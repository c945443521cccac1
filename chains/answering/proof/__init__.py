"""What of the book supports a sentence of an answer: its words, exact things and meaning."""
