"""What several servers share, in Redis: limits and budgets; and what holds while Redis is gone."""
