"""Prompt files: read, checked and rendered."""
