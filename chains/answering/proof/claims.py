"""Which parts of an answer claim something of the book's subject."""

from __future__ import annotations

import re

from chains.answering.proof.streamed import Ended
from chains.language.languages import ENGLISH
from chains.language.terms import all_terms

LONGEST_CLAIM = 1000
"""Characters; no sentence that is meant for a reader has more."""
_CLOSING = "\"'”’»)]」』*_~` "
_BOLD_LINE = re.compile(r"(\*\*|__)[^*_.!?。！？]+\1\Z")
_CODE = re.compile(r"(`+)[^`]+\1")
_NUMBER = re.compile(r"\[\d{1,3}\]")
_NO_CLAIM_ENDS = (":", "：", "?", "？")
_OF_THE_SOURCES = re.compile(
    r"\b(?:sources?|sections?|passages?|book|chapters?|text|excerpts?|context|material|information"
    r" provided)\b[^.!?]{0,60}?\b(?:do(?:es)?(?: not|n['’]t)|cannot|can['’]t|(?:is|are|has|have)"
    r" (?:no|not)|never|only) ?\b[^.!?]{0,40}?\b(?:cover|mention|say|state|contain|provide|describe"
    r"|discuss|include|specify|explain|give|answer|address|define|information|detail)",
    re.IGNORECASE,
)
_OF_THE_ANSWER = re.compile(
    r"(?:this|the|these) (?:answers?|statements?|explanations?|responses?|information|definitions?)"
    r"\b[^.!?]{0,60}?\b(?:covers?|comes?|based|taken|found|described|consistent|provided|supported"
    r"|stated|given)\b[^.!?]*\b(?:sources?|book|text|sections?|passages?|chapters?)\b"
    r"|for (?:more|further|additional) (?:information|details?)\b",
    re.IGNORECASE,
)
"""What says where an answer is from, or where to read on."""
_POLITE = re.compile(
    r"(?:sure|certainly|of course|great|thanks?|thank you|let me know|i hope|i['’]?m sorry|sorry"
    r"|feel free|here (?:is|are)|in summary)\b[^.]{0,60}[.!:]*\Z|(?:yes|no)\W*\Z",
    re.IGNORECASE,
)


def claims(ended: Ended, language: str = ENGLISH) -> bool:
    """Whether a part of an answer says something that the book should say, too.

    A heading, also one in bold, code, a line of marks, a question, a line that introduces others,
    a word of courtesy, what says that the sources do not cover something, and what is about the
    answer itself, do not.

    >>> claims(Ended("A gait is a rhythm.")), claims(Ended("The kinds are:"))
    (True, False)
    >>> claims(Ended("Yes, this program compiles.")), claims(Ended("Yes."))
    (True, False)
    """
    text = ended.text.rstrip(_CLOSING)
    if (
        ended.kind != "prose"
        or text.endswith(_NO_CLAIM_ENDS)
        or _BOLD_LINE.match(ended.text)
        or len(text) > LONGEST_CLAIM
        or not any(map(str.isalnum, text))
        or not all_terms(_CODE.sub("", _NUMBER.sub("", ended.text)), language)
    ):
        return False
    begun = text.lstrip(_CLOSING)
    is_beside = _POLITE.match(begun) or _OF_THE_ANSWER.match(begun)
    return not (is_beside or _OF_THE_SOURCES.search(text))
