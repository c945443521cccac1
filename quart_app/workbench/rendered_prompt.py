"""The messages that a question would send to the model, and the parts that they are made of."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace

from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.runnables import RunnableConfig
from typing_extensions import override

from chains.events import Sources
from chains.models.model import Model
from chains.prompts.inert_text import inert
from chains.prompts.model_checks import CHARACTERS_PER_TOKEN
from chains.prompts.prompt import Prompt
from chains.question import Question
from chains.tutor import ANSWER, TutorChain

_FENCE = re.compile(r'<data-([a-z][a-z0-9-]*)((?: \w+="[^"]*")*)>\n.*?\n</data-\1>', re.DOTALL)
_NUMBER = re.compile(r'(?:number|index)="(\d+)"')
_ROLES = {"human": "user", "ai": "tutor"}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a message: text of the prompt, or a fence with what is in it. `name` is the role
    or that of the fence, with its number, if any. `tokens` may be an estimate."""

    name: str
    text: str
    is_data: bool
    tokens: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """The messages as roles with their parts, and what of the data is not in them.

    The tokens of the parts are an estimate unless they are `counted` by the model's tokenizer.
    """

    messages: tuple[tuple[str, tuple[Part, ...]], ...]
    cut: tuple[str, ...] = ()
    counted: bool = False

    @property
    def sizes(self) -> list[tuple[str, int]]:
        """Each part's tokens by its name, in order; the pieces of a role count as one."""
        found: dict[str, int] = {}
        for _, parts in self.messages:
            for part in parts:
                found[part.name] = found.get(part.name, 0) + part.tokens
        return [*found.items(), ("all", sum(found.values()))]

    @property
    def about_tokens(self) -> str:
        """By what the tokens are counted."""
        if self.counted:
            by = "Tokens are counted by the model's own tokenizer"
            return f"{by}, without those that frame messages."
        return f"Tokens are an estimate, {CHARACTERS_PER_TOKEN} characters each."


def from_examples(prompt: Prompt) -> Rendered:
    """The prompt with the examples of its front matter."""
    return Rendered(_messages(prompt.preview()))


async def from_book(tutor: TutorChain, prompt: Prompt, question: Question) -> Rendered:
    """The messages for a real question, with what the book has on it; the model is not asked to
    answer. Raises what the chain raises."""
    chain = _Previewing(
        tutor.retriever, {ANSWER: prompt}, tutor.model, tutor.condensing, tutor.spend,
        tutor.strictness,
    )  # fmt: skip
    basis = None
    try:
        async for event in chain.astream(question):
            if isinstance(event, Sources):
                basis = event.basis
    except _Stop:
        pass
    text = "\n".join(str(message.text) for message in chain.messages)
    contents = basis.contents if basis else ()
    cut = [
        f"source [{number}] is not in the messages as a whole"
        for number, content in enumerate(contents, 1)
        if inert(content) not in text
    ]
    if tutor.model.sources is not None:
        cut.append(f"this model gets at most {tutor.model.sources} sources")
    rendered = Rendered(_messages(chain.messages), tuple(cut))
    return await counted(rendered, tutor.model)


async def counted(rendered: Rendered, model: Model) -> Rendered:
    """The same with tokens by the tokenizer of this model, where it has one.

    Raises ServiceUnavailable.
    """
    if model.count_tokens is None:
        return rendered
    texts = [part.text for _, parts in rendered.messages for part in parts]
    counts = iter(await model.count_tokens(texts))
    messages = tuple(
        (role, tuple(replace(part, tokens=next(counts)) for part in parts))
        for role, parts in rendered.messages
    )
    return replace(rendered, messages=messages, counted=True)


class _Stop(Exception):
    """The messages are rendered."""


class _Previewing(TutorChain):
    """A chain that ends where the model would be asked."""

    messages: Sequence[BaseMessage] = ()

    @override
    def _generate(
        self, messages: list[BaseMessage], prompt: Prompt, config: RunnableConfig
    ) -> AsyncGenerator[AIMessageChunk]:
        self.messages = messages
        raise _Stop


def _messages(messages: Sequence[BaseMessage]) -> tuple[tuple[str, tuple[Part, ...]], ...]:
    return tuple(_parts(message, message is messages[-1]) for message in messages)


def _parts(message: BaseMessage, is_last: bool) -> tuple[str, tuple[Part, ...]]:
    """Sources of a message before the last one are those of the prompt's own example."""
    role = _ROLES.get(message.type, message.type)
    text, end = str(message.text), 0
    found: list[Part] = []
    for fence in _FENCE.finditer(text):
        if fence[1] == "source" and not is_last:
            continue
        if fence.start() > end:
            found.append(_part(role, text[end : fence.start()], is_data=False))
        number = _NUMBER.search(fence[2])
        name = f"{fence[1]} [{number[1]}]" if number else fence[1]
        found.append(_part(name, fence[0], is_data=True))
        end = fence.end()
    if end < len(text):
        found.append(_part(role, text[end:], is_data=False))
    return role, tuple(found)


def _part(name: str, text: str, *, is_data: bool) -> Part:
    return Part(name, text, is_data, -(-len(text) // CHARACTERS_PER_TOKEN))
