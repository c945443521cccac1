"""A text as it looks: each character in place of those that are seen as the same.

The view is in small letters. Full-width, bold, circled and accented letters are plain ones in it,
by Unicode's compatibility decomposition (UAX 15); brackets, bars and letters of other scripts that
look like plain ones are listed here. What nobody sees (of no width, combining) is not in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from string import ascii_lowercase

import regex

QUOTE, END_QUOTE = "‹", "›"
"""In a view, what looks like ``<`` and ``>`` but is a sign of quotation or of mathematics, too."""

_ALIKE = {
    QUOTE: "«⟨⟪〈《❬❮❰⧼ᐸ˂≺≪⋘⋖ᚲ𝈶◁◀◂◃◄◅⊲⦑⩽⪡⪻〱くㄑᐊ⮜🞀",
    END_QUOTE: "»⟩⟫〉》❭❯❱⧽ᐳ˃≻≫⋙⋗𝈷▷▶▸▹►▻⊳⦒⩾⪢⪼ᐅ⮞🞂",
    "|": "¦ǀǁ∣∥‖│┃❘❙❚⏐⏽।׀ᛁ丨〡︱︳￨",
    "/": "⁄∕╱⧸⟋᜵⁁㇓〳ノ丿⼃",
    "\\": "∖⧵⧹",
    "[": "【〔⟦⁅❲〘〚〖⦋⦗",
    "]": "】〕⟧⁆❳〙〛〗⦌⦘",
    "-": "−⁃˗‐‑‒–—―⸺⸻➖֊־᠆᐀ー〜一ㅡᅳˉ",
    "_": "▁‿⁀",
    ":": "꞉∶։׃ː",
    "~": "˜∼∽",
    " ": "\u2800",
    "a": "аαɑᴀꓮꭺᎪ",
    "b": "ʙВΒ",
    "c": "сᴄ",
    "d": "ԁᴅđðɗɖꓓꓒδẟꭰᎠ",
    "e": "еᴇєꓰ",
    "g": "ɡɢ",
    "h": "һʜհħнНΗⲏ𐌷",
    "i": "іιıɪⲓꓲᎥ",
    "j": "ј",
    "k": "кκᴋҝⲕ",
    "l": "ʟᏞꓡⳐ",
    "m": "мᴍ",
    "n": "ոпɴΝηռⲛ",
    "o": "оοᴏօⲟ",
    "p": "рρᴘ",
    "r": "гʀᴦꭇ",
    "s": "ѕꜱꮪᏚ",
    "t": "тτᴛⲧꓔŧƭ𐌕Ꭲ",
    "u": "υսᴜ",
    "v": "ν",
    "x": "хχ",
    "y": "уγΥʏ",
}
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Mn", "Me"})
"""Categories of Unicode: controls, formats, lone surrogates, what combines with a letter."""
_SEEN = "\t\n\r"
_IGNORED = regex.compile(r"\p{Default_Ignorable_Code_Point}|\U0001d159")
"""What Unicode asks fonts to show nothing for, also where no character is yet; and a note without
a head."""
_NOTHING = "\0"
_BLOCKS = (
    (0x0000, 0x3400),
    (0xA640, 0xA800),
    (0xD800, 0xE000),
    (0xFB00, 0x10400),
    (0x11000, 0x12000),
    (0x13430, 0x13460),
    (0x1BCA0, 0x1BD00),
    (0x1D000, 0x1D800),
    (0x1E000, 0x1E100),
    (0x1F100, 0x1F200),
    (0xE0000, 0xE1000),
)
"""Where such characters stand. Beyond them are scripts that look like nothing else, and signs."""
_WHITE_ON_BLACK = (0x1F150, 0x1F170, 0x1F1E6)
"""Where rows of letters begin that have no decomposition: in a disk, in a square, of flags."""


View = tuple[str, Sequence[int]]
"""How a text looks, and for each character of that its place in the text."""
_TAGS = re.compile(r"[\U000e0020-\U000e007e]")
"""Unicode's tags: a second ASCII, which nobody sees. Models read it."""
_READ_TAGS = {0xE0000 + code: chr(code) for code in range(0x20, 0x7F)}


def view_of_tags(text: str) -> View | None:
    """How it looks to a model that reads tags; None where it has none.

    >>> view_of_tags("<\U000e0069\U000e006e\U000e0073\U000e0074")[0]
    '<inst'
    """
    return view_of(text.translate(_READ_TAGS)) if _TAGS.search(text) else None


def view_of(text: str) -> View:
    """The view, and for each of its characters its place in the text.

    >>> view_of("＜ＩＮ\u200bst")[0]
    '<inst'
    >>> list(view_of("a\u0301b")[1])
    [0, 2]
    """
    view = text.translate(_table())
    if _NOTHING not in view:
        return view, range(len(view))
    places = [place for place, character in enumerate(view) if character != _NOTHING]
    return view.replace(_NOTHING, ""), places


@cache
def _table() -> dict[int, str]:
    """The plain character of each code point that is not one itself."""
    plain = {alike: sign for sign, others in _ALIKE.items() for alike in others}
    table = {ord(alike): sign for alike, sign in plain.items()}
    for first in _WHITE_ON_BLACK:
        table |= {first + at: letter for at, letter in enumerate(ascii_lowercase)}
    for first, end in _BLOCKS:
        for code in (code for code in range(first, end) if code not in table):
            character = chr(code)
            seen = _folded(character)
            seen = plain.get(seen, seen)
            if seen != character and (seen == _NOTHING or seen.isascii() or seen in _ALIKE):
                table[code] = seen
    return table


def _folded(character: str) -> str:
    """The character that this one is seen as, or `_NOTHING`; itself where there is none."""
    if character in _SEEN:
        return character
    if unicodedata.category(character) in _UNSEEN or _IGNORED.match(character):
        return _NOTHING
    parts = unicodedata.normalize("NFKD", character).casefold()
    base = [part for part in parts if unicodedata.category(part) not in _UNSEEN]
    return base[0] if len(base) == 1 else character
