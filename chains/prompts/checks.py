"""What can be told of a prompt without a model: whether it can work, and what will go wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import nodes

from chains.prompts.findings import BadPrompt, Finding, Level, refuse, within_bounds
from chains.prompts.prompt import Prompt, attempt, make_prompt
from chains.prompts.prompt_file import PromptFile, Read, read_prompt_file
from chains.prompts.prompt_settings import line_of
from chains.prompts.purposes import Purpose
from chains.prompts.template import names_in

_CITES = re.compile(r"\[(?:\d+|n|number)\]|\bcit(?:e|es|ed|ing|ations?)\b", re.IGNORECASE)
_NUMBERS = ("index", "index0")
"""Attributes that are numbers of ours, not text of somebody."""
_OPTIONAL = ("kind",)
"""Fields that an example may leave out; a prompt that uses one fails without it."""
_FENCE = '{{ … | fenced("name") }}'
_MARK = "7391846205"
"""What no prompt says by itself; digits, so that no filter for letters changes it."""
_TEXTS = ("content", "text")
"""Fields that are what an entry of a list has to say."""


def load_checked(
    file: Path, purpose: Purpose, read: Read = Path.read_bytes
) -> tuple[Prompt, list[Finding]]:
    """The prompt of a file, and what is to be said of it besides. Raises BadPrompt."""
    source = read_prompt_file(file, read)
    with within_bounds(file):
        try:
            prompt = make_prompt(source, tuple(purpose.inputs))
        except BadPrompt as bad:
            raise _by_its_example(source, purpose, bad) from None
        findings = sorted(_findings(source, purpose), key=lambda found: found.line)
    for found in findings:
        if found.level == "error":
            raise BadPrompt(found)
    for inputs, kind in (
        (purpose.inputs, "what the tutor fills in"),
        (purpose.longest, "the longest inputs"),
    ):
        attempt(source, prompt, inputs, kind)
    for name in purpose.needed:
        _require_shown(source, prompt, purpose, name)
    return prompt, findings


def check(
    file: Path, purpose: Purpose, read: Read = Path.read_bytes
) -> tuple[Prompt | None, list[Finding]]:
    """The prompt, if it can be used, and everything that is to be said of its file."""
    try:
        return load_checked(file, purpose, read)
    except BadPrompt as bad:
        return None, [bad.finding]


def _findings(source: PromptFile, purpose: Purpose) -> Iterator[Finding]:
    yield from _unused(source, purpose)
    yield from _examples(source, purpose)
    for role, tree in source.roles.items():
        free = ("question",) if role == "user" else ()
        for line, name in _outside_fences(tree, {}, free):
            message = f"“{name}” stands outside a fence, where the model may take it for orders"
            yield _found(source, line, "fence", "warning", message, f"write {_FENCE}")
    if purpose.cites:
        yield from _citing(source)


def _unused(source: PromptFile, purpose: Purpose) -> Iterator[Finding]:
    used = {name for tree in source.roles.values() for name in names_in(tree)}
    levels: dict[str, Level] = dict.fromkeys(purpose.needed, "error")
    levels |= dict.fromkeys(purpose.wanted, "warning")
    levels |= dict.fromkeys(source.front.inputs.keys() - levels.keys(), "warning")
    for name, level in levels.items():
        if name not in used:
            line = line_of(name, source.text.split("\n")[1:])
            is_list = isinstance(purpose.inputs.get(name), list)
            loop = f"{{% for one in {name} %}} … {{% endfor %}}"
            fix = f"show it with {loop if is_list else f'{{{{ {name} }}}}'}"
            message = f"“{name}” is never used, so the model does not see it"
            yield Finding(source.file, line, "unused", level, message, fix)


def _examples(source: PromptFile, purpose: Purpose) -> Iterator[Finding]:
    for name, entry in source.front.inputs.items():
        wrong = _unlike(purpose.inputs[name], entry.example)
        if wrong is not None:
            line = line_of(name, source.text.split("\n")[1:])
            message = f"the example of “{name}” is unlike what the tutor fills in: {wrong}"
            fix = "write it as docs/prompts.md shows, so that a preview is true"
            yield Finding(source.file, line, "example", "warning", message, fix)


def _by_its_example(source: PromptFile, purpose: Purpose, bad: BadPrompt) -> BadPrompt:
    """The same, or the example to blame where the prompt cannot be rendered with it."""
    if bad.finding.rule != "rendering":
        return bad
    unlike = next(_examples(source, purpose), None)
    return bad if unlike is None else BadPrompt(replace(unlike, level="error"))


def _require_shown(source: PromptFile, prompt: Prompt, purpose: Purpose, name: str) -> None:
    """Raise BadPrompt where the model does not see an input, though the template uses it."""
    marked = {**purpose.inputs, name: _marked(purpose.inputs[name])}
    alone = {
        other: value if other in purpose.needed else type(value)()
        for other, value in marked.items()
    }
    for inputs in (marked, alone):
        attempt(source, prompt, inputs, "what the tutor fills in")
        if not any(_MARK in str(message.content) for message in prompt.messages(inputs)):
            lines = [names_in(tree).get(name) for tree in source.roles.values()]
            place = source.place(next(filter(None, lines), 1))
            message = f"“{name}” is used, but not always shown to the model"
            refuse(*place, "unused", message, "insert all of it, under no condition")


def _marked(value: Any) -> Any:
    match value:
        case list():
            return [_marked(item) for item in value]
        case dict():
            return {key: _MARK if key in _TEXTS else item for key, item in value.items()}
    return _MARK


def _unlike(real: Any, example: Any) -> str | None:
    """How an example differs from what is filled in, in a few words."""
    kinds: Mapping[type, str] = {str: "a text", int: "a number", list: "a list", dict: "fields"}
    if type(real) is not type(example):
        there = kinds.get(type(example), type(example).__name__)
        return f"{there} instead of {kinds[type(real)]}"
    if isinstance(real, list):
        return next((wrong for one in example if (wrong := _unlike(real[0], one))), None)
    if isinstance(real, dict):
        if missing := [key for key in real if key not in (*example, *_OPTIONAL)]:
            return f"“{missing[0]}” is missing"
        if unknown := [key for key in example if key not in real]:
            return f"there is no “{unknown[0]}”"
        wrongs = ((key, _unlike(real[key], example[key])) for key in example)
        return next((f"“{key}” is {wrong}" for key, wrong in wrongs if wrong), None)
    return None


def _outside_fences(
    node: nodes.Node, bound: Mapping[str, str], free: tuple[str, ...]
) -> Iterator[tuple[int, str]]:
    """Lines and names of data that a template inserts outside a fence; `bound` are the variables
    of its loops with the input that each goes through."""
    if isinstance(node, nodes.For):
        root = _root(node.iter, bound)
        bound = {**bound, **{name.name: root for name in node.target.find_all(nodes.Name)}}
        if isinstance(node.target, nodes.Name):
            bound = {**bound, node.target.name: root}
    if isinstance(node, nodes.Output):
        for inserted in node.nodes:
            for part in _branches(inserted):
                root = "" if _is_safe(part) else _root(part, bound)
                if root and root not in free:
                    yield part.lineno, _written(part)
        return
    for child in node.iter_child_nodes():
        yield from _outside_fences(child, bound, free)


def _branches(node: nodes.Node) -> Iterator[nodes.Node]:
    if isinstance(node, nodes.CondExpr):
        yield from _branches(node.expr1)
        if node.expr2 is not None:
            yield from _branches(node.expr2)
    else:
        yield node


def _is_safe(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name in ("fenced", "length")
    return isinstance(node, nodes.Getattr) and node.attr in _NUMBERS


def _root(node: nodes.Node, bound: Mapping[str, str]) -> str:
    """The input that an expression is made of; empty where there is none."""
    names = [node] if isinstance(node, nodes.Name) else node.find_all(nodes.Name)
    found = (bound.get(name.name, name.name) for name in names if name.name != "loop")
    return next(found, "")


def _written(node: nodes.Node) -> str:
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getattr():
            return f"{_written(node.node)}.{node.attr}"
        case nodes.Filter(node=nodes.Expr() as inner):
            return _written(inner)
        case nodes.Getitem():
            return _written(node.node)
    return "data"


def _citing(source: PromptFile) -> Iterator[Finding]:
    texts = [
        data.data
        for role, tree in source.roles.items()
        if role in ("system", "user")  # an example is no rule
        for data in tree.find_all(nodes.TemplateData)
    ]
    line = source.lines.get("system", source.lines["user"])
    if not _CITES.search("\n".join(texts)):
        message = "no rule says that the model cites its sources"
        fix = "add one, such as: cite the source of each sentence by its number, as in [1]"
        yield Finding(source.file, line, "cite", "warning", message, fix)
    shown = (
        name.attr in _NUMBERS
        for tree in source.roles.values()
        for name in tree.find_all(nodes.Getattr)
    )
    if not any(shown):
        message = "the sources are shown without the numbers to cite them by"
        fix = "write number=source.index into the fence of a source"
        yield Finding(source.file, source.lines["user"], "cite", "warning", message, fix)


def _found(
    source: PromptFile, line: int, rule: str, level: Level, message: str, fix: str
) -> Finding:
    return Finding(*source.place(line), rule, level, message, fix)
