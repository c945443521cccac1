"""Figures as rows, and the page with charts that is made of them."""
