"""The routes: the only room that knows Quart."""
