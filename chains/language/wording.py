"""Wording: the form of questions, sentences and headings, whatever their subject.

Written for English, and harmless in other languages: a pattern that matches nothing adds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import regex

from chains.language.tokenization import words_of

_THAT_DOES = (
    "that (?:is|was|will|would|can|could|may|might|has|had|does|did|means|makes|gives|leaves)"
)
_LOOKS_AHEAD = (
    r"(?!it(?: is| was|['’]s) \w+ (?:that|to)\b|those who\b|this (?:book|chapter|section)\b"
    r"|(?:this|these|those) (?:is|are|was|were) [^:.]{3,200}:(?: \w|\Z))"
)
"""Not a pronoun at the beginning that the rest of the sentence, or the list below, explains."""
_LEANS_BACK = re.compile(
    rf"{_LOOKS_AHEAD}"
    r"(?:this|these|those|they|it|its|their|such|he|she|both|here|(?-i:where)"
    r"|the (?:latter|former|same|answer)"
    r"|however|therefore|thus|hence|moreover|furthermore|additionally|similarly|in contrast"
    r"|conversely|instead|consequently|as a result|in addition|for (?:example|instance)|then"
    r"|also|another|other|but|and|so|or|yet|rather|otherwise|in fact|in other words|as such"
    r"|by doing so|in (?:this|that|these|those|such) cases?|that (?:year|month|day|time)|even so"
    r"|of course|due to this|because of this"
    r"|to do (?:so|this)|for (?:this|that|these)|if so"
    rf"|{_THAT_DOES}"
    r"|(?:first(?:ly| of all)?|second(?:ly)?|third(?:ly)?|finally|lastly)(?=,))\b"
    r"|.*\bon the other hand\b"
    r"|(?:\S+ ){1,4}(?:therefore|thus|hence|also)\b"
    r"|(?:\S+ ){1,6}(?:by|with|of|from|for|on|at|to|in) (?:that|these|those) (?!who\b|which\b)\w"
    r"|[^,]{1,60}? (?:do|does|did|is|are|was|were|can|could|will|would)(?: not|n['’]t),"
    r"(?! [\w’']+,)"
    r"|(?:\S+ ){1,2}(?:do|does|did) the same\b"
    r"|(?:[A-Z]\w+ ){1,3}(?:and \w+ )?\w+ed (?:it|them)\b"
    r"|\w+ed (?:by|in|on|with|to) [^,]{1,30} (?:it|they) \w",
    re.IGNORECASE,
)
_LACKS_ITS_NOUN = re.compile(
    rf"{_LOOKS_AHEAD}"
    r"(?:this|these|those|they|it|its|their|such|he|she|his|her|both|the (?:latter|former|same)"
    rf"|for this(?=,)|{_THAT_DOES}"
    r"|the answer (?:is|to th(?:is|at))|(?-i:where))\b",
    re.IGNORECASE,
)
_ABOUT_THE_BOOK = re.compile(
    r"\b(?:this|the|each|next|previous|following|earlier|later) (?:chapter|section|module|book"
    r"|lesson|part|unit|tutorial|exercise)s?\b|\b(?:in )?(?:chapter|section|listing|figure|table"
    r"|example|exercise) \d|\bthe (?:figure|table|listing|diagram)\b"
    r"|\bwe(?:['’]ll|['’]ve| (?:will|have|saw|learned|discussed))\b"
    r"|\byou (?:will|learned|saw|have seen)\b|\blet['’]s\b|\blet us\b"
    r"|^(?:now|next|recall|notice|remember|congratulations)\b",
    re.IGNORECASE,
)
_APPARATUS = re.compile(
    r"(?:learning )?(?:objectives?|outcomes?|goals)$|exercises?\b|quiz|(?:review )?questions?$"
    r"|references$|bibliography|further reading|prerequisites?$|table of contents|next steps"
    r"|(?:practice|assignments?|projects?)\b|acknowledg|glossary of symbols",
    re.IGNORECASE,
)
_CHANGELOG = re.compile(r"change ?log|release notes|what['’]?s new|version history", re.IGNORECASE)
_REVIEW = re.compile(
    r"summary|conclusion|takeaways|key points|introduction|overview", re.IGNORECASE
)
_CAPTION = re.compile(
    r"(?:here|this) is an? (?:screen ?shot|image|picture|photo|figure)\b"
    r"|an? (?:screen ?shot|image|picture|photo|graphical view|schematic|illustration) of\b[^,]*\Z"
    r"|(?:fig(?:ure)?s?|tables?|listings?|photos?|images?|credits?)\b[\w .()-]{0,14}[:.)]"
    r"|.*\((?:credits?|photos?|images?|sources?)\b|.*\bcourtesy of\b",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"\(\s+\)|\((?:see|cf|refer to)\b[^)]*\)|^see\b|\b(?:para|ibid|pp?)\.$|^[^(]*[a-z.]\)"
    r"|\bas (?:shows|illustrates)\b|\b(?:in|see|from|by) [,.;)]",
    re.IGNORECASE,
)
_POINTS_AWAY = re.compile(
    r"let(?:['’]s| us) (?:now )?(?:talk|look|turn|see|walk|start|begin|go|move|return|explore"
    r"|examine|discuss|take)\b(?!.*:)|note a few\b|"
    r"we(?:['’]ll| will| shall)(?: also)?(?: be)? (?:discuss|talk|cover|look|explore|return|explain"
    r"|come back|describe|learn|go over|go into|get to)(?:ing)?\b|"
    r"(?:see|refer to|consult|read|for (?:more|further|other) (?:information|details?|examples?))\b"
    r"|(?:please )?(?:see|check|refer to|consult) (?:the )?(?:section|chapter|appendix)\b"
    r"|.*\b(?:is|are|was|were|be) (?:\w+ )?(?:described|discussed|explained|presented|covered|shown"
    r"|given|treated|introduced|outlined|listed)(?: \w+){0,4} (?:(?:section|chapter|appendix|part"
    r"|module) \W?[\dA-Z]|below\W*\Z|the (?:next|following) (?:section|chapter|few pages))"
    r"|(?:section|chapter|appendix) [\dA-Z][\d.]*\b.{0,90}?\b(?:gives|describes|discusses|explains"
    r"|covers|shows|presents|introduces|treats|contains|has)\b",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"\b(?:for (?:example|instance)|(?:an?|one|another) (?:\w+ )?example"
    r"|examples? (?:of|is|are|include)|e\.g\.|such as|imagine|suppose|picture a|say you"
    r"|zum beispiel|z\. ?B\.|par exemple|por ejemplo|por exemplo)|例如|比如|例えば|たとえば"
    r"|على سبيل المثال|مثل|उदाहरण",
    re.IGNORECASE,
)
_LEGEND = re.compile(r"(?:where|with|here|in which)\W*$", re.IGNORECASE)
_CITATION = re.compile(r"\[\d{1,3}(?:, ?\d{1,3})*\]")
_ENDED = regex.compile(
    r"(?:[\p{Sentence_Terminal}…;--?？؟]|[\p{Thai}\p{Lao}])[\"'”’)*_ 」』）】》»]*\Z", regex.V1
)
"""Thai and Lao have no end marks."""
_NOT_ENGLISH = regex.compile(r"[\p{L}--[a-zA-Z]]", regex.V1)
_DASHES = ("--", "—", "–", "―")
LONGEST_NAME = 8
"""Words behind a dash that are taken for who said what stands above: “— Ada Lovelace, 1843”."""
_ASKS_ON = (":", "?", "：", "？", "؟", "՞", "፧")


def leans_back(sentence: str) -> bool:
    """Whether a sentence begins with a word that points to the one before it."""
    return _LEANS_BACK.match(sentence) is not None


def lacks_its_noun(sentence: str) -> bool:
    """Whether a sentence begins with a pronoun, which says nothing without the one before it.

    >>> lacks_its_noun("It repeats."), lacks_its_noun("However, a gait repeats.")
    (True, False)
    >>> lacks_its_noun("Those are the two gaits: walking and running.")
    False
    """
    return _LACKS_ITS_NOUN.match(sentence) is not None


def is_quotable(sentence: str) -> bool:
    """Whether a sentence says something by itself: no crumb, no question, no list's first line, and
    not who said what stands above.

    Four words do in English. Where words have no blanks between them or carry much in their
    endings, three do: “栈是后进先出。” and “Dizi bellekte saklanır.” are whole sentences.

    >>> is_quotable("See below."), is_quotable("数组是一种数据结构。"), is_quotable("什么是数组？")
    (False, True, False)
    """
    text, words = sentence.strip(), len(words_of(sentence))
    enough = 3 if _NOT_ENGLISH.search(text) else 4
    is_name = text.startswith(_DASHES) and words <= LONGEST_NAME
    return words >= enough and not is_name and not text.endswith(_ASKS_ON)


def introduces(text: str) -> bool:
    """Whether a line ends with a colon: what follows belongs to it."""
    return text.endswith((":", "："))


def is_caption(sentence: str) -> bool:
    """Whether a sentence is that of a figure or table, or says who made it.

    >>> is_caption("Figure 2.1 A gait."), is_caption("A gait has figures of its own.")
    (True, False)
    """
    return _CAPTION.match(sentence) is not None


def is_cut(sentence: str) -> bool:
    """Whether something is missing: what brackets held, their beginning, or what follows “para.”.

    >>> is_cut("A gait repeats ( )."), is_cut("A gait (a rhythm) repeats.")
    (True, False)
    """
    return _CUT.search(sentence) is not None


def cites(text: str) -> bool:
    """Whether a text has numbers in brackets, which would pass for citations of ours."""
    return _CITATION.search(text) is not None


def points_away(sentence: str) -> bool:
    """Whether all that a sentence says is where the book says it.

    >>> points_away("Files are described in Section 2.5."), points_away("We’ll discuss it.")
    (True, True)
    >>> points_away("Files are described by their names.")
    False
    """
    return _POINTS_AWAY.match(sentence) is not None


def is_example(sentence: str) -> bool:
    """Whether a sentence gives an example.

    >>> is_example("Some gaits, such as running, have no double support.")
    True
    """
    return _EXAMPLE.search(sentence) is not None


def is_legend(lead: str) -> bool:
    """Whether a line introduces the symbols of a formula, which is not quoted."""
    return _LEGEND.match(lead) is not None


def has_ended(sentence: str) -> bool:
    """Whether a sentence ends like one; a caption or a line of a table-like list does not."""
    return _ENDED.search(sentence) is not None


def is_about_the_book(sentence: str) -> bool:
    """Whether a sentence speaks of the book rather than of its subject."""
    return _ABOUT_THE_BOOK.search(sentence) is not None


def is_apparatus(heading: str) -> bool:
    """Whether a section is an aid for learning rather than text: objectives, exercises, sources."""
    return _APPARATUS.search(heading.strip()) is not None


def is_changelog(section: Sequence[str]) -> bool:
    """Whether a section lists what was changed from one version to the next; by its headings."""
    return any(map(_CHANGELOG.search, section))


def is_review(heading: str) -> bool:
    """Whether a section says again, or before, what others say in full."""
    return _REVIEW.search(heading) is not None
