"""How good search, gate and answers are, on books and questions at hand."""
