"""Templates: what a prompt may say in Jinja2, and how book text and readers' text get into it.

A template holds names, small ifs, loops and parts that prompts share; data is shaped in Python. So
only the parts of Jinja2 that this needs are allowed: no calls, no arithmetic, no macros. What a
rendering may take is bounded by its `Budget`, whatever its loops go through.

Whatever a template inserts is data. A fence around data is a tag whose name starts with
``data-``, written by the filter ``fenced``. Inserted text is made inert, so that none of it closes
its own fence or opens another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateRuntimeError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chains.prompts.findings import syntax_fault
from chains.prompts.inert_text import inert
from chains.prompts.nesting import NestedTooDeeply, check_tokens
from chains.prompts.rendering_budget import BUDGET, Budget, counted, join

ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Slice,
    nodes.Neg,
    nodes.If,
    nodes.For,
    nodes.Include,
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
FILTERS = ("default", "first", "last", "length", "lower", "trim", "truncate", "upper")
"""Those of Jinja2."""
NAMES_OF_FILTERS = tuple(sorted((*FILTERS, "fenced", "join")))
TESTS = ("defined", "none", "string")

_FENCE_NAME = re.compile(r"[a-z][a-z0-9-]*")
_COUNTED = " counted"
"""A name that no template can write."""


def parse_template(text: str) -> nodes.Template:
    """The checked tree of a template; its includes are still to be put in place.

    Raises TemplateSyntaxError, with the line, for what a prompt may not use.
    """
    try:
        check_tokens(_ENVIRONMENT.lex(text))
        tree = _ENVIRONMENT.parse(text)
    except NestedTooDeeply:
        raise
    except TemplateSyntaxError as error:
        raise TemplateSyntaxError(syntax_fault(str(error.message)), error.lineno) from error
    for node in (tree, *tree.find_all(nodes.Node)):
        if not isinstance(node, ALLOWED):
            what = type(node).__name__.lower()
            raise TemplateSyntaxError(f"a template cannot use “{what}” here", node.lineno)
        if isinstance(node, nodes.For) and node.recursive:
            raise TemplateSyntaxError("a loop cannot be recursive", node.lineno)
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            message = f"“{node.attr}” is not a part of any data"
            raise TemplateSyntaxError(message, node.lineno)
        if isinstance(node, nodes.Filter) and node.name not in NAMES_OF_FILTERS:
            raise TemplateSyntaxError(f"there is no filter “{node.name}”", node.lineno)
        if isinstance(node, nodes.Test) and node.name not in TESTS:
            raise TemplateSyntaxError(f"there is no test “{node.name}”", node.lineno)
    return tree


def compile_template(tree: nodes.Template | str) -> Template:
    """The template of a checked tree without includes, which `render` fills in.

    Of a text it raises what `parse_template` does.
    """
    if isinstance(tree, str):
        tree = parse_template(tree)
    for loop in list(tree.find_all(nodes.For)):
        loop.iter = nodes.Filter(loop.iter, _COUNTED, [], [], None, None, lineno=loop.lineno)
    return _ENVIRONMENT.from_string(tree)


def render(template: Template, inputs: Mapping[str, Any]) -> str:
    """The text of a template. Raises TemplateError where it fails or its budget is used up.

    >>> render(compile_template("{{ question | fenced('question') }}"), {"question": "Why?"})
    '<data-question>\\nWhy?\\n</data-question>'
    """
    budget = Budget()
    rendered: list[str] = []
    pieces = template.root_render_func(template.new_context({**inputs, BUDGET: budget}))
    try:
        for piece in pieces:
            rendered.append(piece)
            try:
                budget.take_characters(len(piece))
            except TemplateRuntimeError as error:
                pieces.throw(error)  # type: ignore[attr-defined]  # raised where it stands there
    except Exception:  # noqa: BLE001  # Jinja2 gives it the line of the template
        template.environment.handle_exception()
    return "".join(rendered)


def names_in(tree: nodes.Template) -> dict[str, int]:
    """Return the names that a template expects from outside, each with its first line.

    >>> text = "{% for turn in turns %}{{ turn.text }}{% endfor %}\\n{{ question }}"
    >>> names_in(parse_template(text))
    {'turns': 1, 'question': 2}
    """
    names: dict[str, int] = {}
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
    environment.filters |= {"fenced": fenced, "join": join, _COUNTED: counted}
    environment.tests = {name: environment.tests[name] for name in TESTS}
    return environment


_ENVIRONMENT = _environment()
