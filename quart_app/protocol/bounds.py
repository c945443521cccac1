"""What a message may hold: the longest texts, how many selections, the form of ids, and so the size
of a frame."""

from __future__ import annotations

import re

from chains.book_names import LONGEST as LONGEST_BOOK

LONGEST_QUESTION = 1000
"""Characters, without the blanks around them; so are those of a selection."""
LONGEST_SELECTION = 2000
MOST_SELECTIONS = 5
"""Of one question."""
LONGEST_ADDRESS = 2000
"""Characters of a page or an anchor."""
LONGEST_TOKEN = 200
LONGEST_NAME = 64
"""Characters of an id or a name, and of a nonce."""
FORM_OF_A_NAME = f"1 to {LONGEST_NAME} letters of English, digits, hyphens or underscores"
DEEPEST = 32
"""Levels of nesting in a message."""

BYTES_OF_A_CHARACTER = 12
"""At most: many are written as two surrogates, and a client may write each as ``\\uXXXX``."""
LONGEST_SELECTED = LONGEST_SELECTION + 2 * LONGEST_ADDRESS
LONGEST_MESSAGE = 4096 + BYTES_OF_A_CHARACTER * (
    LONGEST_QUESTION
    + MOST_SELECTIONS * LONGEST_SELECTED
    + LONGEST_ADDRESS
    + LONGEST_TOKEN
    + 3 * LONGEST_NAME
    + LONGEST_BOOK
)
"""Bytes of a question that keeps all these bounds, with every character escaped; of them 4 KiB are
for names of fields and signs between them."""
FRAME_BYTES = 1 << (LONGEST_MESSAGE * 6 // 5).bit_length()
"""Bytes of a frame that is taken in: at least a fifth more, so that what is a little too long gets
an error message, too."""

CHUNK_ID = re.compile(r"chunk_([0-9a-f]{32})")
SESSION_ID = re.compile(r"session_[0-9a-f]{32}")
