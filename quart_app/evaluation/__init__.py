"""How good search, gate and answers are: sets of questions, what came of each, and the scores."""
