"""A prompt file as it is read: its text, front matter, roles, and the parts that it includes.

A file has YAML front matter, then the lines ``system:``, ``example:``, ``reply:``, ``history:``
and ``user:``, alone and in this order. They split the file into roles before anything is rendered,
so a question that contains ``system:`` or ``{{ }}`` stays text.

A part is a file in the folder ``parts`` beside the prompts. ``{% include "parts/NAME.md" %}`` puts
its tree in place of itself, before anything is rendered.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from jinja2 import TemplateSyntaxError, nodes

from chains.prompts import nesting
from chains.prompts.findings import refuse, within_bounds
from chains.prompts.prompt_settings import FrontMatter, read_front_matter
from chains.prompts.template import NAMES_OF_FILTERS, parse_template

FOLDER = Path(__file__).resolve().parents[2] / "prompts"
"""The prompts that come with the package; the folder stands beside it."""
PARTS = "parts"
LONGEST_FILE = 200_000
"""Bytes."""
MOST_PARTS = 20
"""Of one prompt."""

Read = Callable[[Path], bytes]
"""What reads a file. Raises OSError."""

_ROLES = ("system", "example", "reply", "history", "user")
_SHOWN = ("example", "reply")
"""A turn that the model reads as if it had happened before the conversation."""
_ROLE_LINE = re.compile(r"([a-z]+):[ \t]*")
_ANY_ROLE_LINE = re.compile(r"([A-Za-z]+):[ \t]*")
_ORDER = ", ".join(f"{name}:" for name in _ROLES)
_OTHER_ROLES = ("assistant", "ai", "human", "developer", "tool", "model")
_PART = re.compile(rf"{PARTS}/[A-Za-z0-9][A-Za-z0-9_-]*\.md")
_PART_LINES = 1_000_000
"""A line of the n-th part counts from n times this, so that it is told from those of the prompt."""
_END = "\n\n"
"""Behind a part, which is whole lines: Jinja2 drops the last line feed of a text, and the one
behind a tag."""
USABLE = (
    f"a prompt can use names, “if”, “for”, “include” and the filters {', '.join(NAMES_OF_FILTERS)}"
)


@dataclass(frozen=True)
class PromptFile:
    """A prompt that was read: `roles` are the trees of those roles that it has, “history” an empty
    one. `lines` are where they begin. `files` are the prompt itself and its parts, in the order of
    their first use."""

    file: Path
    text: str
    front: FrontMatter
    roles: dict[str, nodes.Template]
    lines: dict[str, int]
    files: list[Path] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def version(self) -> str:
        """The first 12 hex digits of the SHA-256 of the file, line ends as LF, and of its parts
        behind it where it has any."""
        return hashlib.sha256("\0".join(self.texts).encode()).hexdigest()[:12]

    def place(self, line: int) -> tuple[Path, int]:
        """The file and the line in it of a line of a tree."""
        part, line = divmod(line, _PART_LINES)
        return self.files[part], max(line, 1)


def read_prompt_file(file: Path, read: Read = Path.read_bytes) -> PromptFile:
    """Read and split the file. Raises BadPrompt."""
    text = _text(file, read)
    if not text.strip():
        refuse(file, 1, "empty", "the file is empty", "write a prompt, or restore the last one")
    with within_bounds(file):
        front, first_line = read_front_matter(file, text)
        parts, lines = _split(file, text.split("\n"), first_line)
        prompt = PromptFile(file, text, front, {}, lines, [file], [text])
        for role, source in parts.items():
            tree = _parsed(prompt, source, 0)
            _put_parts(prompt, tree, read)
            _check_depth(prompt, tree)
            prompt.roles[role] = tree
    return prompt


def _text(file: Path, read: Read) -> str:
    fix = "save it as UTF-8 text"
    _refuse_pipe(file)
    try:
        content = read(file)
    except OSError as error:
        reason = error.strerror or str(error)
        refuse(file, 1, "unreadable", f"cannot be read ({reason})", "put it back, as UTF-8 text")
    if len(content) > LONGEST_FILE:
        refuse(file, 1, "too-long", f"is longer than {LONGEST_FILE:,} bytes", "shorten it")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        refuse(file, line, "unreadable", "is not UTF-8 text", fix)


def _refuse_pipe(file: Path) -> None:
    """Whoever reads one waits for good; what is not there may be a version of git."""
    if file.exists() and not (file.is_file() or file.is_dir()):
        refuse(file, 1, "unreadable", "is a pipe or a device, and no text", "put a text there")


def _split(file: Path, lines: list[str], first: int) -> tuple[dict[str, str], dict[str, int]]:
    """Each role's template, with empty lines in front so that line numbers stay right."""
    parts: dict[str, str] = {}
    starts: dict[str, int] = {}
    role = ""
    for number, line in enumerate(lines[first - 1 :], first):
        found = _ROLE_LINE.fullmatch(line)
        _refuse_other_role(file, number, line)
        if found and found[1] in _ROLES:
            later = _ROLES[_ROLES.index(role) + 1 :] if role else _ROLES
            role = found[1]
            if role not in later:
                message = f"“{role}:” stands twice or too late"
                refuse(file, number, "role", message, f"the order is {_ORDER}")
            parts[role], starts[role] = "\n" * number, number
        elif role not in ("", "history"):
            parts[role] += line + "\n"
        elif line.strip():
            where = "“history:” takes no text" if role else "text before the first role"
            refuse(file, number, "role", where, "put it below “system:” or “user:”")
    if "user" not in parts:
        message = "there is no line “user:”"
        refuse(file, len(lines), "role", message, "add one, and the question below it")
    for role, other in (_SHOWN, _SHOWN[::-1]):
        if role in parts and other not in parts:
            message = f"“{role}:” stands without “{other}:”"
            refuse(file, starts[role], "role", message, "write both: a question and its answer")
    return parts, starts


def _refuse_other_role(file: Path, number: int, line: str) -> None:
    """Refuse a line that looks like that of a role, and is none."""
    found = _ANY_ROLE_LINE.fullmatch(line)
    if not found or found[1] in _ROLES:
        return
    message = f"“{found[1]}:” is not a role, and the model would read it as text"
    if (meant := found[1].lower()) in ("system", "user"):  # “Example:” may be a heading
        refuse(file, number, "role", message, f"did you mean “{meant}:”?")
    if found[1] in _OTHER_ROLES:
        fix = f"remove the line; the roles are {_ORDER} and earlier answers come at “history:”"
        refuse(file, number, "role", message, fix)


def _parsed(prompt: PromptFile, source: str, part: int) -> nodes.Template:
    """The tree of a text, whose lines count as those of this part, 0 being the prompt."""
    try:
        tree = parse_template(source)
    except TemplateSyntaxError as error:
        file, line = prompt.place(part * _PART_LINES + error.lineno)
        fix = nesting.FIX if isinstance(error, nesting.NestedTooDeeply) else USABLE
        refuse(file, line, "template", error.message or "is no template", fix)
    for node in (tree, *tree.find_all(nodes.Node)):
        if part and node.lineno is not None:  # as that of an operand is
            node.lineno += part * _PART_LINES
    return tree


def _check_depth(prompt: PromptFile, tree: nodes.Template) -> None:
    try:
        nesting.check_blocks(tree)
    except nesting.NestedTooDeeply as error:
        place = prompt.place(error.lineno)
        refuse(*place, "template", error.message or "", nesting.FIX)


def _put_parts(prompt: PromptFile, tree: nodes.Node, read: Read) -> None:
    """Put the body of each part in place of what includes it."""
    for name, value in list(tree.iter_fields()):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, nodes.Node) and not isinstance(child, nodes.Include):
                _put_parts(prompt, child, read)
        if isinstance(value, list) and any(isinstance(child, nodes.Include) for child in value):
            bodies = (
                _part(prompt, child, read) if isinstance(child, nodes.Include) else [child]
                for child in value
            )
            setattr(tree, name, [node for body in bodies for node in body])


def _part(prompt: PromptFile, include: nodes.Include, read: Read) -> list[nodes.Node]:
    file, line = prompt.place(include.lineno)
    named = include.template.value if isinstance(include.template, nodes.Const) else None
    if not isinstance(named, str) or not _PART.fullmatch(named) or include.ignore_missing:
        fix = f'write {{% include "{PARTS}/NAME.md" %}}, with the name of a file there'
        refuse(file, line, "include", "a prompt includes only parts", fix)
    path = prompt.file.parent / PurePosixPath(named)
    if path not in prompt.files:
        if len(prompt.files) > MOST_PARTS:
            refuse(file, line, "include", f"more than {MOST_PARTS} parts", "join some of them")
        text = _part_text(path, file, line, read)
        for at, row in enumerate(text.split("\n"), 1):
            if _ROLE_LINE.fullmatch(row) and row.split(":")[0] in _ROLES:
                fix = "put the roles into the prompt, and an include below each"
                refuse(path, at, "role", "a part cannot begin a role", fix)
            _refuse_other_role(path, at, row)
        prompt.files.append(path)
        prompt.texts.append(text)
    number = prompt.files.index(path)
    tree = _parsed(prompt, prompt.texts[number].rstrip("\n") + _END, number)
    for inner in tree.find_all(nodes.Include):
        place, at = prompt.place(inner.lineno)
        message = "a part cannot include another part"
        refuse(place, at, "include", message, "include both in the prompt")
    return tree.body


def _part_text(path: Path, file: Path, line: int, read: Read) -> str:
    _refuse_pipe(path)
    try:
        read(path)
    except OSError:
        there = ", ".join(sorted(part.stem for part in path.parent.glob("*.md"))) or "none"
        message = f"there is no part “{path.stem}”"
        refuse(file, line, "include", message, f"the folder {PARTS} holds {there}")
    return _text(path, read)
