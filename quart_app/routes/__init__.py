"""The addresses that the server answers: the only room that knows Quart."""
