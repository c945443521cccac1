"""Talk: what is said without a model: to “hi” or “thanks”, and a question to a reader who asks for
one."""

from __future__ import annotations

from collections.abc import Sequence

from chains.answering.draft import finish
from chains.answering.intents import intent_of, reply
from chains.answering.reach import Reach
from chains.events import Basis, Delta, Event, Sources
from chains.index.library import Library
from chains.index.passages import Passage
from chains.question import Turn

SENTENCES = {"hello": "hello", "thanks": "thanks", "who": "help", "help": "help"}


async def talk(reach: Reach, library: Library) -> str:
    """A kind sentence in the reader's language, and questions that the book answers well."""
    name = "last" if reach.is_over else SENTENCES[reach.intent.kind]
    sentence = (reply(name, reach.intent.language) or "").format(book=library.latest.title)
    if reach.is_over:
        return sentence
    kept = await library.read_starters()
    questions = [f"- {one.question}" for starters in kept.values() for one in starters.questions]
    return "\n\n".join([sentence, "\n".join(questions)]) if questions else sentence


def events_of(text: str, basis: Basis) -> tuple[Event, ...]:
    """An answer that is talk, as the events of a chain: no sources, and no claims to count."""
    return Sources((), basis), Delta(text), finish(basis, "completed", text, 0, (), (0, False))


async def quiz(
    reach: Reach, history: Sequence[Turn], passages: Sequence[Passage], library: Library
) -> str:
    """A question about one of the passages, which it cites, for a reader who asks for one.

    It is one of those kept with the index, or what the book says on the section. Asked again, it
    is the next.
    """
    if reach.intent.kind != "quiz":
        return ""
    kept = await library.read_starters(sorted({passage.chunk.file for passage in passages}))
    choices: dict[str, tuple[int, str]] = {}
    for index, passage in enumerate(passages, 1):
        chunk = passage.chunk
        starters = kept.get(chunk.file)
        for starter in starters.questions if starters else ():
            if (starter.section, starter.occurrence) == (chunk.section, chunk.occurrence):
                choices.setdefault(starter.question, (index, chunk.section[-1]))
    if not choices:
        cover = reply("cover", library.latest.language) or ""
        for index, passage in enumerate(passages, 1):
            heading = passage.chunk.section[-1]
            choices.setdefault(cover.format(heading=heading), (index, heading))
    asked = sum(intent_of(turn.question).kind == "quiz" for turn in history)
    text, (number, section) = list(choices.items())[asked % len(choices)]
    sentence = reply("quiz", reach.intent.language) or ""
    return sentence.format(section=section, question=text, index=number)
