"""The LangChain half of Scholiast: from a question about the book to a cited answer."""
