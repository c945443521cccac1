"""Prompts: one Markdown file each, edited by people, checked before the first question.

A file has YAML front matter, then the lines ``system:``, ``history:`` and ``user:``, alone and
in this order. They split the file into roles before anything is rendered, so a question that
contains ``system:`` or ``{{ }}`` stays text. ``history:`` is where the earlier turns go in, as
messages of their own. See docs/prompts.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, TemplateSyntaxError
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from chains.errors import SettingError
from chains.prompts.inert_text import inert
from chains.prompts.prompt_settings import FrontMatter, read_front_matter
from chains.prompts.template import compile_template, fenced, names_in
from chains.question import Turn
from chains.settings import Settings

FOLDER = Path(__file__).resolve().parents[2] / "prompts"
"""The prompts that come with the package; the folder stands beside it."""

_ROLES = ("system", "history", "user")
_ROLE_LINE = re.compile(r"(system|history|user):[ \t]*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Prompt:
    """A checked prompt. `inputs` holds an example for each name that the template may use;
    `version` is the first 12 hex digits of the SHA-256 of the file, line ends as LF."""

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
    takes_history: bool
    _system: Template | None = field(repr=False)
    _user: Template = field(repr=False)

    def messages(
        self, inputs: Mapping[str, Any], history: Sequence[Turn] = ()
    ) -> list[BaseMessage]:
        """Render the roles: system, the history if the file has a place for it, user.

        Each turn of the history becomes two messages, the reader's and the tutor's. Both are made
        inert, and what the reader had selected stands in a fence, as in its own turn.

        Inputs that the file does not name are left out; SettingError for one that is missing.
        """
        missing = sorted(self.inputs.keys() - inputs.keys())
        if missing:
            raise SettingError(f"prompt {self.name}: no value for input {', '.join(missing)}")
        named = {name: inputs[name] for name in self.inputs}
        messages: list[BaseMessage] = []
        if self._system is not None:
            messages.append(SystemMessage(self._system.render(named).strip()))
        if self.takes_history:
            for turn in history:
                messages += [HumanMessage(_asked(turn)), AIMessage(inert(turn.answer))]
        messages.append(HumanMessage(self._user.render(named).strip()))
        return messages

    def preview(self) -> list[BaseMessage]:
        """Render with the examples of the front matter."""
        return self.messages(self.inputs)


def load_prompt(name: str, settings: Settings, given: Collection[str] | None = None) -> Prompt:
    """Read and check ``<name>.md`` from the prompts folder.

    `given` are the inputs that the caller will fill in; a prompt may name no others. The
    prompt is rendered with its examples, and once more with each of them empty.
    Raises SettingError, which names the file, the line and the fix.

    >>> prompt = load_prompt("answer", Settings.model_construct())
    >>> [message.type for message in prompt.preview()]
    ['system', 'human']
    """
    file = _find(name, settings.prompts or FOLDER)
    try:
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{file}: cannot be read ({error}); save it as UTF-8 text") from None
    front, first_line = read_front_matter(file, text)
    parts = _split(file, text.split("\n"), first_line)
    if given is not None and (unknown := sorted(front.inputs.keys() - set(given))):
        _refuse(file, 1, f"input “{unknown[0]}” is never filled in; there are {', '.join(given)}")
    templates = {role: _template(file, source, front) for role, source in parts.items()}
    prompt = Prompt(
        name=name,
        version=hashlib.sha256(text.encode()).hexdigest()[:12],
        description=front.description,
        inputs={name: entry.example for name, entry in front.inputs.items()},
        model=front.model,
        temperature=front.temperature,
        max_tokens=front.max_tokens,
        lead_in=front.lead_in.strip(),
        lead_in_unsure=front.lead_in_unsure.strip(),
        max_words=front.max_words,
        strict=front.strict,
        takes_history="history" in parts,
        _system=templates.get("system"),
        _user=templates["user"],
    )
    _try(file, prompt)
    return prompt


def _asked(turn: Turn) -> str:
    """An earlier question as the model reads it, with the passages that it was about."""
    passages = (fenced(text, "selection") for text in turn.selections)
    return "\n\n".join([inert(turn.question), *passages])


def _find(name: str, folder: Path) -> Path:
    file = folder / f"{name}.md"
    if _NAME.fullmatch(name) and file.is_file():
        return file
    there = ", ".join(sorted(path.stem for path in folder.glob("*.md"))) or "no prompts"
    raise SettingError(
        f"there is no prompt “{name}” in {folder}, which holds {there}; see SCHOLIAST_PROMPTS"
    )


def _split(file: Path, lines: list[str], first_line: int) -> dict[str, str]:
    """Return each role's template, with empty lines in front so that line numbers stay right."""
    parts: dict[str, str] = {}
    role = ""
    for number, line in enumerate(lines[first_line - 1 :], first_line):
        found = _ROLE_LINE.fullmatch(line)
        if found:
            later = _ROLES[_ROLES.index(role) + 1 :] if role else _ROLES
            role = found[1]
            if role not in later:
                order = ", ".join(f"{name}:" for name in _ROLES)
                _refuse(file, number, f"“{role}:” stands twice or too late; the order is {order}")
            parts[role] = "\n" * number
        elif role in ("system", "user"):
            parts[role] += line + "\n"
        elif line.strip():
            where = "“history:” takes no text" if role else "text before the first role"
            _refuse(file, number, f"{where}; put it below “system:” or “user:”")
    if "user" not in parts:
        _refuse(file, len(lines), "there is no line “user:”; add one, and the question below it")
    return parts


def _template(file: Path, source: str, front: FrontMatter) -> Template:
    try:
        template, names = compile_template(source), names_in(source)
    except TemplateSyntaxError as error:
        _refuse(file, error.lineno, error.message or "is not a template")
    for name, line in names.items():
        if name not in front.inputs:
            _refuse(file, line, f"“{name}” is not among the inputs; name it there, or correct it")
    return template


def _try(file: Path, prompt: Prompt) -> None:
    empty = {name: type(example)() for name, example in prompt.inputs.items()}
    for inputs, kind in ((prompt.inputs, "its examples"), (empty, "empty inputs")):
        try:
            prompt.messages(inputs)
        except (TemplateError, TypeError, ValueError) as error:
            _refuse(file, _template_line(error), f"{error} (rendered with {kind})")


def _template_line(error: BaseException) -> int:
    """The line of the template that raised; Jinja2 puts it into the traceback."""
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in ("<template>", "<unknown>"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _refuse(file: Path, line: int, what: str) -> NoReturn:
    raise SettingError(f"{file}, line {line}: {what}")
