"""Answers that several servers share: each is a stream in Redis, which any of them can follow."""
