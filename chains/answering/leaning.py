"""Leaning: whether a question can only be understood from the conversation before it.

A rule for English. In doubt a question stands alone: one that does, and is taken for a follow-up,
would be answered about something else. A pronoun points back to the conversation where nothing
before its own clause could be meant by it (“How does a robot balance when it walks?” stands
alone, “Does a robot need it?” does not). In other languages nothing leans.
"""

from __future__ import annotations

import re

from chains.language.terms import terms_of

# “And on stairs?”, “Thanks! How is it charged?”: words that open a question and ask nothing. Those
# that join it to what went before make a fragment of what is no whole question.
_OPENING = re.compile(
    r"(?:(?P<joins>and|but|so|or|then|also)|ok(?:ay)?|well|now|thanks|thank you|i see|please)\b"
    r"[\s,.!:]*",
    re.IGNORECASE,
)
# The first words of a whole question or request: “And what is a gait?” stands alone, “and the
# battery?” does not.
_WHOLE = re.compile(
    r"(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|can|could|will"
    r"|would|should|has|have|had|may|might|must|explain|describe|tell|give|define|list|show"
    r"|compare|summari[sz]e|i|we|you|please|in|if|for|on)\b",
    re.IGNORECASE,
)
_FRAGMENT = re.compile(
    r"(?:what|how) about\b"
    # Only with its question mark: “for loops” may be what is looked for.
    r"|(?:in|on|at|for|with|without|by|from|to|of|about|under|during)(?: [\w'’-]+){1,3}\?+$",
    re.IGNORECASE,
)
_HOW_MUCH = re.compile(r"how \w+$", re.IGNORECASE)
# Before a hyphen a pronoun is part of a compound. Possessives (`own`) may mean a noun of their own
# clause, and “that” may join two clauses: see `_points_back`.
_PRONOUN = re.compile(
    r"\b(?:(?P<own>its|their|theirs|his|her|hers)|(?P<that>that)|it|they|them|this|these|those|he"
    r"|she|him)\b(?!-)",
    re.IGNORECASE,
)
# Where a new clause begins; the last one before a pronoun begins the pronoun's own.
_CLAUSE = re.compile(
    r"[,;:.!?()–—]\s|\b(?:and|but|or|when|if|while|because|since|so|which|who|whose|where|after"
    r"|before|until|unless|whether|how|why|what|that|as)\b",
    re.IGNORECASE,
)
# “It is important to …”, “how long does it take to …”: this “it” means nothing before it, but what
# comes after “to”, “that” or “if”.
_EXPLETIVE = re.compile(
    r"it(?:['’]s)?\s+(?:that\b|(?:\w+ly |so |more |too |not )?(?:important|possible|impossible"
    r"|necessary|hard|harder|difficult|easy|easier|better|best|safe|dangerous|good|bad|useful|true"
    r"|common|common practice|worth|okay|ok|wise|advisable|essential|required|needed|allowed|legal"
    r"|called|take|mean|cost|help|make sense|matter|happen)\b.*\b(?:to|that|for|if|when|whether)"
    r"\b)",
    re.IGNORECASE,
)
# “What does this chapter cover?” points to the page, not to the conversation.
_OF_THE_BOOK = re.compile(
    r"th(?:is|at|ese|ose)\s+(?:book|chapter|section|page|text|course|lesson|module|part|tutorial"
    r"|textbook)s?\b",
    re.IGNORECASE,
)
# “Why is that?” points, “the force that moves it” and “we know that the robot …” do not: “that”
# points at the start, or after a preposition or a verb that asks, and where no clause follows it.
_THAT_POINTS = re.compile(
    r"(?:^|\b(?:of|for|about|with|like|to|in|on|from|than|between|by|at|is|are|was|were|does|do"
    r"|did|can|could|would|should|will|has|have|why|how|explain|describe|and|but|after|before))\s*$",
    re.IGNORECASE,
)
_THAT_JOINS = re.compile(
    r"that\s+(?:the|an?|all|every|each|some|any|no|it|they|we|you|i|there|this|these|one)\b",
    re.IGNORECASE,
)
_ASKS_OF = re.compile(
    r"(?:(?:why|how|when|where) )?(?:is|was|isn['’]t|wasn['’]t)\s+", re.IGNORECASE
)
# “The second one”, “the former”, “what else?”: what counts or compares things of the conversation.
# “Which one of A and B” and “this one or that one” bring the things along.
_COUNTED = re.compile(
    r"\b(?:the|which|that|this|another|other|each|first|second|third|last)\s+ones?\b"
    r"(?!\s+of\b)(?!.*\bor\b)"
    r"|\bthe (?:first|second|third|fourth|fifth|last|others?|former|latter|same|next|rest|two"
    r"|three)$|^(?:\w+ ){0,3}the (?:former|latter|same)\b(?! as\b)"
    # “How does a school act as one?”, “the absolute kind”, “Which kinds are there?”, “the opposite”
    r"|^(?!.*\bor\b).*\bones\b|\b(?:as|like|of|in|with|from|join|has|have|use|make) one$"
    r"|\bthe \w+ (?:kind|sort)s?$|^which (?:kind|type|sort|form|stage|part)s?"
    r" (?:of (?:it|them|these|those) )?(?:is|are|was|were|has|have|had)\b"
    r"|\bthe (?:opposite|contrary|reverse)\b(?! (?:of|direction|order|side))"
    r"|\b(?:both|too|instead|as well|(?:what|who|where|how|anything|anyone) else)$",
    re.IGNORECASE,
)
_CONVERSATION = re.compile(
    r"\byou(?:['’]ve| have)?(?: just)? (?:said|say|mentioned?|told|wrote|explained)\b"
    r"|\byour (?:\w+ )?(?:answer|explanation|example|reply)\b"
    r"|\b(?:we|i) (?:\w+ )?(?:talked|discussed|asked)\b"
    r"|\b(?:last|previous|earlier|first) (?:question|answer|reply)\b",
    re.IGNORECASE,
)
# Terms that a question may consist of without naming a subject: “Why is it important?”, “Can you
# explain that in simpler words?”.
_SAYS_NOTHING = terms_of(
    "matter matters important importance necessary needed better best good bad true same happen "
    "happens come exactly detail details detailed further longer shorter briefly simple simpler "
    "simply easier words elaborate continue go going again clear clearer understand understood "
    "else really sure possible mean means matter differently please "
    "summarize summarise rephrase repeat clarify expand thing things way ways someone "
    "something anything i"
)
# Terms that want “of what?” once they are definite: “What are the advantages?” leans, “What is an
# advantage?” asks for the word.
_RELATIONS = terms_of(
    "advantage advantages disadvantage disadvantages benefit benefits drawback drawbacks downside "
    "downsides limit limits limitation limitations reason reasons cause causes type types kind "
    "kinds part parts step steps formula alternative alternatives application applications "
    "consequence consequences purpose pros cons risk risks trade-off trade-offs tradeoff tradeoffs "
    "problem problems challenge challenges idea main key first second third next last other one "
    "ones two rest answer role effect effects relation relationship similarities point"
)
# Of questions about a page: “What does this chapter cover?”.
_OF_PAGES = terms_of(
    "cover covers teach teaches learn contain contains discuss discusses talk talks mention "
    "mentions read here deal deals content contents topic topics subject want need know question "
    "questions author book page chapter section lesson describe described difference differences "
    "example examples give given term terms define defined solve solved list listed show shown "
    "introduce introduced present presented explained fact facts concept concepts message argument "
    "arguments figure figures table tables diagram code listing listings"
)
_DEFINITE = re.compile(r"\b(?:the|any|some|more|other|further)\b", re.IGNORECASE)
_DEFINED = re.compile(
    r"(?:what|who)(?:\s+(?:is|are|was|were|does|do)|['’]s)\s+(?:an?\s+)?[\w-]+(?:\s+(?:do|mean))?\W*$",
    re.IGNORECASE,
)
"""“What is matter?”: a word that is asked for is what the question is about."""
_LINES, _WORDS = 3, 40
"""A question with as many of either brings what it is about: a listing, a quotation, a story."""


def leans(question: str) -> bool:
    """Whether a question leans on the conversation before it.

    >>> leans("Why does it matter?"), leans("And on stairs?"), leans("Why does the ZMP matter?")
    (True, True, False)
    """
    if len(question.strip().splitlines()) >= _LINES or len(question.split()) >= _WORDS:
        return False
    text, is_fragment = _read(question)
    return (
        is_fragment
        or _HOW_MUCH.match(text) is not None
        or _COUNTED.search(text) is not None
        or speaks_of_conversation(text)
        or says_nothing(text)
        or any(_points_back(found, text) for found in _PRONOUN.finditer(text))
    )


def speaks_of_conversation(question: str) -> bool:
    """Whether a question names the conversation itself, as in “what you said before”."""
    return _CONVERSATION.search(question) is not None


def named(question: str) -> frozenset[str]:
    """The terms of what a follow-up turns to; none where it asks more about the same.

    >>> sorted(named("What about stairs?")), sorted(named("And how fast is it?"))
    (['stair'], [])
    """
    text, is_fragment = _read(question)
    if not is_fragment or _PRONOUN.search(text):
        return frozenset()
    return terms_of(text) - _SAYS_NOTHING - _RELATIONS


def says_nothing(text: str) -> bool:
    """Whether a question has no word for what it is about.

    >>> says_nothing("What are the advantages?"), says_nothing("What are advantages of walking?")
    (True, False)
    """
    empty = _SAYS_NOTHING | _RELATIONS if _DEFINITE.search(text) else _SAYS_NOTHING
    terms = terms_of(text)
    return terms <= empty and not (terms and _DEFINED.match(text))


def subjects_of(text: str) -> frozenset[str]:
    """The terms of what a question about a page asks for; none where it is about all of it.

    >>> sorted(subjects_of("what does it say about robots")), sorted(subjects_of("what is it for"))
    (['robot'], [])
    """
    return terms_of(text) - _SAYS_NOTHING - _RELATIONS - _OF_PAGES


def _read(question: str) -> tuple[str, bool]:
    """What is asked, without opening words and end marks, and whether that is a fragment."""
    text, joins = " ".join(question.split()).rstrip(" .!…"), False
    while (found := _OPENING.match(text)) and found.end() < len(text):
        joins = joins or found["joins"] is not None
        text = text[found.end() :]
    asked = text.rstrip(" ?.!…")
    # After “and”, a fragment counts as a question without its mark: “and on stairs”.
    is_fragment = _FRAGMENT.match(f"{asked}?" if joins else text) is not None
    return asked, is_fragment or (joins and not _WHOLE.match(asked))


def _points_back(pronoun: re.Match[str], text: str) -> bool:
    before, rest = text[: pronoun.start()], text[pronoun.start() :]
    if _EXPLETIVE.match(rest) or _OF_THE_BOOK.match(rest):
        return False
    if pronoun["that"]:
        points = _THAT_POINTS.search(before) or len(rest) == len("that")
        is_subject = _ASKS_OF.fullmatch(before) is not None  # “Is that the same as a gait?”
        if not points or (_THAT_JOINS.match(rest) and not is_subject):
            return False
    if not pronoun["own"]:
        # What stands in the pronoun's own clause is not what it means (principle B of Chomsky's
        # binding theory); of possessives that does not hold.
        before = before[: max((found.start() for found in _CLAUSE.finditer(before)), default=0)]
    return not terms_of(before) - _SAYS_NOTHING
