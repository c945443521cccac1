"""Where one sentence of prose ends and the next begins.

In English and what is written like it: an end mark, perhaps closing quotes, a space, and a
beginning in upper case, a digit or an opening quote. End marks that only end sentences need no
space: 。！？ and those of Arabic, Devanagari, Armenian, Ethiopic and other scripts. Thai and Lao
have no end marks; there a blank behind enough text ends a sentence, unless a word follows that
joins. In doubt the text stays together: a sentence that is too long is still true to the book.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

CLOSING = "\"'”’»)\\]」』）】》"
OPENING = "\"'“‘«([¿¡„‚‹「『（【《"
SPACES = "\u00a0\u202f "
ALWAYS_ENDS = r"[\p{Sentence_Terminal}．--.!?‼⁇⁈⁉‽․၊]"
BOUNDARY = regex.compile(
    rf"(?<![.!?…])(?:[.!?‼⁇⁈⁉‽…]++|(?<=\p{{Greek}});)[{CLOSING}]*(?P<gap>[ \t\u3000]+)"
    rf"|(?<!{ALWAYS_ENDS}){ALWAYS_ENDS}++(?!\d)[{CLOSING}]*(?P<none>)|(?P<line>\n)"
    r"|(?<=[\p{Thai}\p{Lao}])(?P<blank> +)(?=[\p{Thai}\p{Lao}])",
    regex.V1,
)
WORD_BEFORE = regex.compile(r"[^\s(\[\"“‘'/—]*\Z")
NEVER_LAST = regex.compile(
    r"e\.g|i\.e|cf|vs|viz|resp|approx|ca|dr|mr|mrs|ms|prof|st|gen|col|capt"
    r"|z\.b|d\.h|u\.a|bzw|vgl|sog|inkl|ggf|evtl|hrsg|p\.\s?ex|mme|mlle|sra?|dra|p\.ej"
    r"|т\.е|см|напр|np|tzn|např|tj",
    regex.IGNORECASE,
)
"""Followed by more of the same sentence, whatever comes."""
BEFORE_NUMBER = regex.compile(
    r"figs?|eqn?s?|secs?|sect|ch|chaps?|nos?|nr|vols?|pp?|pt|refs?|tabs?|ex|def|thm|app|art|ver"
    r"|v|al|max|min|abb|kap|bd|núm|págs?|cap|рис|табл|гл|стр|rys|obr",
    regex.IGNORECASE,
)
"""Followed by more where a number, a bracket or capitals on their own come."""
INITIALS = regex.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
NUMBERED = regex.compile(r"[\d(\[]|[A-Z]+\b|[A-Z]\d")
SPACED = regex.compile(r"[^\W\d_]\.(?!\w)")
SPACED_BEFORE = regex.compile(r"\b[^\W\d_]\. [^\W\d_]\Z")
"""What follows the first letter of “z. B.”, and where the second one stands."""
ORDINAL = regex.compile(r"\b(?:am|der|den|dem|des|vom|zum|bis|im|ab) \d{1,2}\Z", regex.IGNORECASE)
"""As in “am 3. Oktober”."""
GAPS = "gap", "none", "line", "blank"
ENOUGH = 30
"""Characters of Thai or Lao before a blank that ends a sentence; shorter ones are clauses."""
JOINS = regex.compile("และ|หรือ|แต่|ซึ่ง|ที่|โดย|เพราะ|เพื่อ|เช่น|ได้แก่|จึง|แล้ว|ๆ|ແລະ|ຫຼື|ແຕ່|ເຊິ່ງ|ທີ່|ໂດຍ|ເພາະ")


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """The places of the sentences of a paragraph, in order, without the space between them.

    A line break in `text` ends a sentence: it stands for a break that the author set.

    >>> text = "See Fig. 3 of Dr. Kato. It walks."
    >>> [text[start:end] for start, end in sentence_spans(text)]
    ['See Fig. 3 of Dr. Kato.', 'It walks.']
    """
    start = 0
    for match in BOUNDARY.finditer(text):
        gap = next(name for name in GAPS if match[name] is not None)
        if gap == "gap" and not _is_end(text, start, match):
            continue
        if gap == "blank" and (match.start() - start < ENOUGH or JOINS.match(text, match.end())):
            continue
        yield from _trimmed(text, start, match.start(gap))
        start = match.end(gap)
    yield from _trimmed(text, start, len(text))


def _is_end(text: str, start: int, match: regex.Match[str]) -> bool:
    if not _begins(text[match.end() : match.end() + 3]):
        return False
    if match[0].rstrip() != ".":
        return True
    end = match.start()
    word = _word_before(text, start, end)
    if NEVER_LAST.fullmatch(word) or ORDINAL.search(text, max(start, end - 10), end):
        return False
    if len(word) == 1 and (
        SPACED.match(text, match.end()) or SPACED_BEFORE.search(text, start, end)
    ):
        return False
    if BEFORE_NUMBER.fullmatch(word) and NUMBERED.match(text, match.end()):
        return False
    return not (INITIALS.fullmatch(word) and word[0].isupper())


def _begins(following: str) -> bool:
    first = following.lstrip(OPENING + SPACES)[:1] or following[:1]
    return bool(first) and not first.islower() and (first.isalnum() or first in OPENING)


def _word_before(text: str, start: int, end: int) -> str:
    match = WORD_BEFORE.search(text, max(start, end - 20), end)
    return match[0] if match else ""


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    if part.strip():
        yield start, start + len(part.strip())
