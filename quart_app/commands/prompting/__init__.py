"""`scholiast prompts`: what prompt engineers type to check, see and compare their files."""
