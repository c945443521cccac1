"""What several servers share, in Redis: limits, sessions, answers; and what holds without it."""
