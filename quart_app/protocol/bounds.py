"""What a message may hold: the longest texts, how many selections, and the form of ids."""

from __future__ import annotations

import re

LONGEST_QUESTION = 1000
"""Characters, without the blanks around them; so are those of a selection."""
LONGEST_SELECTION = 2000
MOST_SELECTIONS = 5
"""Of one question."""
DEEPEST = 32
"""Levels of nesting in a message."""

CHUNK_ID = re.compile(r"chunk_([0-9a-f]{32})")
SESSION_ID = re.compile(r"session_[0-9a-f]{32}")
