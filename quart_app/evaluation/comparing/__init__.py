"""Two prompts over one set of questions: their answers side by side, and which is better."""
