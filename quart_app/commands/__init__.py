"""The command `scholiast`: what people type, and what they read in the terminal."""
