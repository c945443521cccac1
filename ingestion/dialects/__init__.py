"""The dialects of Markdown: texts of one make of book as Markdown that our parser reads."""
