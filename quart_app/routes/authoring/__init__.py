"""The routes for authors: who may call them, and which bodies they take."""
