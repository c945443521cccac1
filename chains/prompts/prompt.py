"""Prompts: one Markdown file each, edited by people, checked before the first question.

`chains.prompts.prompt_file` says what a file looks like. ``history:`` in it is where the earlier
turns go in, as messages of their own. See docs/prompts.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Template, TemplateError
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from chains.errors import SettingError
from chains.prompts.findings import refuse, rendering_fault
from chains.prompts.inert_text import inert
from chains.prompts.prompt_file import FOLDER, PromptFile, read_prompt_file
from chains.prompts.prompt_settings import Price, line_of
from chains.prompts.template import compile_template, fenced, names_in, render
from chains.question import Turn
from chains.settings import Settings

__all__ = ["FOLDER", "Prompt", "find_prompt", "load_prompt", "make_prompt"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Prompt:
    """A checked prompt. `inputs` holds an example for each name that the template may use;
    `version` is that of its `PromptFile`, `files` are the file and its parts."""

    name: str
    version: str
    description: str
    inputs: Mapping[str, Any]
    model: str | None
    temperature: float | None
    max_tokens: int | None
    lead_in: str
    lead_in_unsure: str
    max_words: int | None
    strict: bool
    price: Price | None
    takes_history: bool
    files: tuple[Path, ...]
    _system: Template | None = field(repr=False)
    _example: Template | None = field(repr=False)
    _reply: Template | None = field(repr=False)
    _user: Template = field(repr=False)

    def messages(
        self, inputs: Mapping[str, Any], history: Sequence[Turn] = ()
    ) -> list[BaseMessage]:
        """Render the roles: system, the example and its reply if there are any, the history if the
        file has a place for it, user.

        Each turn of the history becomes two messages, the reader's and the tutor's. Both are made
        inert, and what the reader had selected stands in a fence, as in its own turn.

        Inputs that the file does not name are left out. SettingError for one that is missing, and
        where more would be rendered than a `Budget` allows.
        """
        missing = sorted(self.inputs.keys() - inputs.keys())
        if missing:
            raise SettingError(f"prompt {self.name}: no value for input {', '.join(missing)}")
        try:
            return self._messages({name: inputs[name] for name in self.inputs}, history)
        except TemplateError as error:
            raise SettingError(f"prompt {self.name}: {rendering_fault(error)}") from error

    def _messages(self, inputs: Mapping[str, Any], history: Sequence[Turn]) -> list[BaseMessage]:
        messages: list[BaseMessage] = []
        if self._system is not None:
            messages.append(SystemMessage(render(self._system, inputs).strip()))
        if self._example is not None and self._reply is not None:
            messages.append(HumanMessage(render(self._example, inputs).strip()))
            messages.append(AIMessage(render(self._reply, inputs).strip()))
        if self.takes_history:
            for turn in history:
                messages += [HumanMessage(_asked(turn)), AIMessage(inert(turn.answer))]
        messages.append(HumanMessage(render(self._user, inputs).strip()))
        return messages

    def preview(self) -> list[BaseMessage]:
        """Render with the examples of the front matter."""
        return self.messages(self.inputs)

    def attempt(self, inputs: Mapping[str, Any]) -> None:
        """Render, and let what Jinja2 raises through."""
        self._messages(inputs, ())


def load_prompt(name: str, settings: Settings, given: Collection[str] | None = None) -> Prompt:
    """Read and check ``<name>.md`` from the prompts folder.

    `given` are the inputs that the caller will fill in; a prompt may name no others. The
    prompt is rendered with its examples, and once more with each of them empty.
    Raises SettingError, which names the file, the line and the fix.

    >>> prompt = load_prompt("answer", Settings.model_construct())
    >>> [message.type for message in prompt.preview()]
    ['system', 'human', 'ai', 'human']
    """
    return make_prompt(read_prompt_file(find_prompt(name, settings.prompts or FOLDER)), given)


def find_prompt(name: str, folder: Path) -> Path:
    """The file of a prompt. Raises SettingError, which says what there is instead."""
    file = folder / f"{name}.md"
    if _NAME.fullmatch(name) and file.is_file():
        return file
    there = ", ".join(sorted(path.stem for path in folder.glob("*.md"))) or "no prompts"
    raise SettingError(
        f"there is no prompt “{name}” in {folder}, which holds {there}; see SCHOLIAST_PROMPTS"
    )


def make_prompt(source: PromptFile, given: Collection[str] | None = None) -> Prompt:
    """The prompt of a file that was read, checked as `load_prompt` says. Raises BadPrompt."""
    file, front = source.file, source.front
    if given is not None and (unknown := sorted(front.inputs.keys() - set(given))):
        line = line_of(unknown[0], source.text.split("\n")[1:])
        message = f"input “{unknown[0]}” is never filled in"
        refuse(file, line, "input", message, f"there are {', '.join(given)}")
    for tree in source.roles.values():
        for name, line in names_in(tree).items():
            if name not in front.inputs:
                message = f"“{name}” is not among the inputs"
                refuse(*source.place(line), "input", message, "name it there, or correct it")
    templates = {role: compile_template(tree) for role, tree in source.roles.items()}
    prompt = Prompt(
        name=file.stem,
        version=source.version,
        description=front.description,
        inputs={name: entry.example for name, entry in front.inputs.items()},
        model=front.model,
        temperature=front.temperature,
        max_tokens=front.max_tokens,
        lead_in=front.lead_in.strip(),
        lead_in_unsure=front.lead_in_unsure.strip(),
        max_words=front.max_words,
        strict=front.strict,
        price=front.price,
        takes_history="history" in source.roles,
        files=tuple(source.files),
        _system=templates.get("system"),
        _example=templates.get("example"),
        _reply=templates.get("reply"),
        _user=templates["user"],
    )
    empty = {name: type(example)() for name, example in prompt.inputs.items()}
    attempt(source, prompt, prompt.inputs, "its examples")
    attempt(source, prompt, empty, "empty inputs")
    return prompt


def attempt(source: PromptFile, prompt: Prompt, inputs: Mapping[str, Any], kind: str) -> None:
    """Render the prompt with inputs of this kind. Raises BadPrompt with the line that fails."""
    try:
        prompt.attempt(inputs)
    except (TemplateError, TypeError, ValueError, AssertionError) as error:
        place = source.place(_template_line(error))
        message = f"{rendering_fault(error)} (rendered with {kind})"
        refuse(*place, "rendering", message, "correct the line")


def _asked(turn: Turn) -> str:
    """An earlier question as the model reads it, with the passages that it was about."""
    passages = (fenced(text, "selection") for text in turn.selections)
    return "\n\n".join([inert(turn.question), *passages])


def _template_line(error: BaseException) -> int:
    """The line of the template that raised; Jinja2 puts it into the traceback."""
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in ("<template>", "<unknown>"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
