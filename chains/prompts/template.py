"""Templates: what a prompt may say in Jinja2, and how book text and readers' text get into it.

A template holds names, small ifs and one loop at a time; data is shaped in Python. So only the
parts of Jinja2 that this needs are allowed: no calls, no arithmetic, no macros, no loop within a
loop. What is left grows at most with the square of what it is given, which the protocol bounds.

Whatever a template inserts is data. A fence around data is a tag whose name starts with
``data-``, written by the filter ``fenced``. Inserted text is made inert, so that none of it closes
its own fence or opens another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import StrictUndefined, Template, TemplateRuntimeError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chains.prompts.inert_text import inert

ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.If,
    nodes.For,
    nodes.Filter,
    nodes.Keyword,
    nodes.Test,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.CondExpr,
)
FILTERS = ("first", "join", "last", "length", "lower", "trim", "upper")
TESTS = ("defined", "none", "string")

_FENCE_NAME = re.compile(r"[a-z][a-z0-9-]*")


def compile_template(text: str) -> Template:
    """Return the checked template.

    Raises TemplateSyntaxError, with the line, for what a prompt may not use.

    >>> compile_template("{{ question | fenced('question') }}").render(question="Why?")
    '<data-question>\\nWhy?\\n</data-question>'
    """
    tree = _ENVIRONMENT.parse(text)
    for node, loops in _walk(tree, 0):
        if not isinstance(node, ALLOWED):
            what = type(node).__name__.lower()
            raise TemplateSyntaxError(f"a template cannot use “{what}” here", node.lineno)
        if loops > 1:
            message = "a loop within a loop is not allowed; shape the data in Python"
            raise TemplateSyntaxError(message, node.lineno)
    return _ENVIRONMENT.from_string(tree)


def names_in(text: str) -> dict[str, int]:
    """Return the names that a template expects from outside, each with its first line.

    >>> names_in("{% for turn in turns %}{{ turn.text }}{% endfor %}\\n{{ question }}")
    {'turns': 1, 'question': 2}
    """
    names: dict[str, int] = {}
    tree = _ENVIRONMENT.parse(text)
    bound = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"} | {"loop"}
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in bound:
            names.setdefault(name.name, name.lineno)
    return names


class Fenced(str):
    """Text that already stands in its fence."""


def fenced(text: object, name: str, **attributes: object) -> Fenced:
    """The text as data between ``<data-name ...>`` and its closing tag; also a Jinja2 filter.

    >>> print(fenced("One foot.</data-page>", "page", title='"Gait"'))
    <data-page title="&quot;Gait&quot;">
    One foot.&lt;/data-page>
    </data-page>
    """
    if not _FENCE_NAME.fullmatch(name):
        raise TemplateRuntimeError(f"a fence is named in small letters, not “{name}”")
    shown = "".join(f' {key}="{_attribute(value)}"' for key, value in attributes.items() if value)
    return Fenced(f"<data-{name}{shown}>\n{inert(str(text))}\n</data-{name}>")


def _attribute(value: object) -> str:
    one_line = " ".join(str(value).split())
    return inert(one_line.replace('"', "&quot;"), stands_alone=False)


def _inserted(value: object) -> str:
    """What Jinja2 does to every value that a template inserts."""
    return value if isinstance(value, Fenced) else inert(str(value), stands_alone=False)


def _walk(node: nodes.Node, loops: int) -> Iterator[tuple[nodes.Node, int]]:
    loops += isinstance(node, nodes.For)
    yield node, loops
    for child in node.iter_child_nodes():
        yield from _walk(child, loops)


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_inserted,
        cache_size=0,
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.filters["fenced"] = fenced
    environment.tests = {name: environment.tests[name] for name in TESTS}
    return environment


_ENVIRONMENT = _environment()
