"""Words and sentences: which words carry meaning, and how sentences are worded."""
