"""From a question to its cited answer, as one LangChain Runnable.

The chain has an `astream` of its own rather than being composed with ``|``: an output parser
would cost a thread hop a chunk, eight times the model's own streaming. Callbacks and config pass
through all the same, so a tracer sees chain, retriever, prompt and model.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, replace
from typing import Any, cast

from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig
from typing_extensions import override

from chains.answering.condense import Condensed, condense
from chains.answering.draft import Draft, finish
from chains.answering.inputs import gather_evidence, prompt_inputs
from chains.answering.leaks import LeakFilter
from chains.answering.marking import Marking
from chains.answering.proof.judge import Judge, Readers
from chains.answering.reach import Reach, reach_of
from chains.answering.relevance import Strictness, judge, refuse
from chains.answering.talk import events_of, talk
from chains.callbacks import send_event, traced
from chains.errors import ServiceUnavailable, SettingError
from chains.events import Answer, Basis, Delta, Event, Finish, PromptVersion, Sources
from chains.index.passages import Passage
from chains.index.retriever import BookRetriever
from chains.index.within import Within
from chains.models.generation import generate
from chains.models.model import Model
from chains.models.quotes.evidence import EVIDENCE
from chains.models.spending import Spend, spend_freely
from chains.prompts.prompt import Prompt
from chains.question import Question

ANSWER = "answer"
"""The prompt of a question that names none."""
RETRIEVAL_TIMEOUT = 10.0
"""Seconds for embedding the question and searching the index."""


class TutorChain(Runnable[Question, Any]):
    """Answers questions about the book.

    `astream` yields one Sources, perhaps one Thinking, then Deltas, then one Finish; `ainvoke`
    returns the same as one Answer. Raises ContextNotFound, ContentNotFound and ServiceUnavailable,
    and SettingError for a variant of the prompt that is not among its own.

    `prompts` holds “answer” and the variants that a question may name; an answer has the one that
    it began with. With `condensing`, which gives condense.md as it stands, a language model puts
    follow-ups so that they stand alone; otherwise a rule does (see `chains.answering.condense`).
    `spend` gets the tokens of each call of the model; `strictness` is that of the gate.

    Callbacks get three custom events on the way: “condensed”, where there is a history,
    “candidates”, from the retriever, and “gate”.
    """

    def __init__(
        self,
        retriever: BookRetriever,
        prompts: Mapping[str, Prompt],
        model: Model,
        condensing: Callable[[], Prompt] | None = None,
        spend: Spend = spend_freely,
        strictness: Strictness = "even",
    ) -> None:
        self.retriever = retriever
        self.prompts = prompts
        self.model = model
        self.condensing = condensing
        self.spend = spend
        self.strictness = strictness
        self._readers = Readers()

    @override
    async def astream(
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Event]:
        inputs: dict[str, object] = {"question": input.text, "page": input.page}
        async with traced(self.get_name(), inputs, config) as (config, run):
            prompt = self._prompt(input)
            reach = reach_of(input, self.retriever.library.latest)
            if reach.is_talk:
                text = await talk(reach, self.retriever.library)
                try:
                    for event in events_of(text, self._basis(prompt)):
                        yield event
                finally:
                    await run.on_chain_end({"answer": text})
                return
            standing, passages = await self._find(input, reach, config)
            sources = tuple(passage.source(index) for index, passage in enumerate(passages, 1))
            basis = self._basis(prompt, passages)
            yield Sources(sources, basis)
            messages = await self._render(prompt, reach.of(input), passages, config)
            if self.model.kind == "quotes":
                await self._add_evidence(messages, standing, reach, passages)
            leaks = LeakFilter(messages, (*basis.contents, input.text))
            marking = Marking(sources, self._judge(passages), strict=prompt.strict)
            if self.model.thinks_first:
                marking.begin_with_thought()
            draft = Draft(marking, sum(len(message.text) for message in messages))
            chunks = self._generate(messages, prompt, config)
            async with aclosing(draft.written(chunks, leaks, self.spend)) as events:
                async for event in events:
                    yield event
            end = finish(
                basis, draft.status, draft.text, len(draft.cited), draft.sentences, draft.tokens
            )
        try:
            yield end
        finally:  # who leaves here has the whole answer
            await run.on_chain_end({"answer": draft.text})

    @override
    async def ainvoke(
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Answer:
        events = [event async for event in self.astream(input, config, **kwargs)]
        return Answer(
            text="".join(event.content for event in events if isinstance(event, Delta)),
            sources=next(event.sources for event in events if isinstance(event, Sources)),
            finish=next(event for event in events if isinstance(event, Finish)),
        )

    @override
    def invoke(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        raise NotImplementedError("TutorChain is asynchronous: use ainvoke or astream.")

    async def warm(self) -> None:
        """Do once what the first question would otherwise wait for; asks no model anything."""
        first = Question("What is this book about?")
        reach_of(first, self.retriever.library.latest)
        await self.retriever.ainvoke(first.text)

    async def starters(self, asked: Question) -> tuple[str, ...]:
        """Questions to begin with, for a reader of the page of `asked`."""
        return await self.retriever.library.questions_for(asked.page)

    def basis(self, question: Question | None = None, passages: Sequence[Passage] = ()) -> Basis:
        """What an answer to this question from these passages is made of."""
        return self._basis(self._prompt(question), passages)

    def _basis(self, prompt: Prompt, passages: Sequence[Passage] = ()) -> Basis:
        return Basis(
            prompt=PromptVersion(prompt.name, prompt.version),
            model=self.model.label,
            index_version=(passages[0].book if passages else self.retriever.library.latest).version,
            contents=tuple(passage.page_content for passage in passages),
        )

    def _prompt(self, question: Question | None) -> Prompt:
        name = (question and question.prompt) or ANSWER
        if name not in self.prompts:
            there = ", ".join(sorted(self.prompts))
            raise SettingError(f"there is no prompt “{name}” to answer with; there are {there}")
        return self.prompts[name]

    async def _find(
        self, question: Question, reach: Reach, config: RunnableConfig
    ) -> tuple[Question, list[Passage]]:
        """The question as it is searched for and judged, and its passages.

        Raises ContentNotFound where the gate refuses it. What reaches a part of the book is not
        judged; where that part does not hold it, it is asked of the whole book.
        """
        if reach.within is not None:
            standing = replace(question, text=reach.search_text)
            passages = await self._retrieve(standing, config, reach.within)
            if reach.holds(passages):
                passed = replace(judge(standing, passages), passed=True)
                await send_event("gate", lambda: asdict(passed), config)
                return standing, passages[: self.model.sources]
        condensed = await self._condense(question, config)
        standing = replace(question, text=condensed.question)
        passages = await self._retrieve(standing, config)
        verdict = judge(standing, passages, condensed.named, self.strictness)
        await send_event("gate", lambda: asdict(verdict), config)
        if not verdict.passed:
            raise refuse(verdict, passages)
        return standing, passages[: self.model.sources]

    def _judge(self, passages: Sequence[Passage]) -> Judge:
        """What decides which of the passages support a sentence of the answer."""
        library = self.retriever.library
        embed = library.embeddings.embed_query if library.embeds_sentences else None
        return Judge(passages, library.latest.language, embed, self._readers)

    async def _condense(self, question: Question, config: RunnableConfig) -> Condensed:
        """The question as it is searched for and judged."""
        language = self.retriever.library.latest.language
        prompt = self.condensing() if self.condensing and question.history else None
        condensed = await condense(
            question, self.model, prompt, config, language=language, spend=self.spend
        )
        if question.history:
            facts = {"question": condensed.question, "by": condensed.by}
            await send_event("condensed", lambda: facts, config)
        return condensed

    async def _retrieve(
        self, question: Question, config: RunnableConfig, within: Within | None = None
    ) -> list[Passage]:
        try:
            async with asyncio.timeout(RETRIEVAL_TIMEOUT):
                found = await self.retriever.ainvoke(
                    question.search_text, config, question=question, within=within
                )
        except TimeoutError:
            reason = f"no result within {RETRIEVAL_TIMEOUT:.0f} s"
            raise ServiceUnavailable("index", reason) from None
        return cast("list[Passage]", found)

    async def _render(
        self,
        prompt: Prompt,
        question: Question,
        passages: Sequence[Passage],
        config: RunnableConfig,
    ) -> list[BaseMessage]:
        inputs = prompt_inputs(question, passages)
        async with traced(f"prompt {prompt.name}", inputs, config) as (_, run):
            messages = prompt.messages(inputs, question.history)
        await run.on_chain_end(messages)
        return messages

    async def _add_evidence(
        self,
        messages: list[BaseMessage],
        question: Question,
        reach: Reach,
        passages: Sequence[Passage],
    ) -> None:
        library = self.retriever.library
        found = await gather_evidence(question, reach, passages, library)
        messages[-1].additional_kwargs[EVIDENCE] = found

    def _generate(
        self, messages: list[BaseMessage], prompt: Prompt, config: RunnableConfig
    ) -> AsyncGenerator[AIMessageChunk]:
        return generate(self.model, messages, config, self.model.options(prompt))
