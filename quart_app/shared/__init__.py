"""What several servers share, in Redis: limits and sessions; and what holds while it is gone."""
