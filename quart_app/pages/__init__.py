"""The book as web pages, and the widget as it was built."""
