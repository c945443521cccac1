"""JavaScript that configures a make: what is written out in it is read, and nothing is run."""

from __future__ import annotations

import re
from typing import Any

import yaml

from ingestion.formats.configurations import NOT_YAML, load_yaml
from ingestion.formats.texts import PageNotRead

LARGEST = 200_000
"""Characters of a file."""
LITERAL = re.compile(
    r"\bexports\s*=\s*(?P<exported>\{)|\bdefault\s+(?P<default>\{)"
    r"|^(?:const|let|var)\s[^={\n]{0,200}=\s*(?P<named>\{)|\A\s*(?P<all>\{)",
    re.MULTILINE,
)
"""Where an object begins that may be the exported one."""
TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|'(?:[^'\\\n]|\\.)*+(?:'|$|\\?\Z)"
    r'|"(?:[^"\\\n]|\\.)*+(?:"|$|\\?\Z)'
    r"|`(?:[^`\\]|\\.)*+(?:`|\\?\Z)",
    re.DOTALL | re.MULTILINE,
)
"""A comment or a string; what does not end goes on to the end, so that nothing is read twice."""
BRACKET = re.compile(TOKEN.pattern + r"|(?P<open>[\[{(])|(?P<close>[\]})])", TOKEN.flags)
NAME = re.compile(r"[{,]\s*(['\"]?)(?P<name>[A-Za-z][\w-]*)\1\s*:")
KEY = re.compile(r"(?P<key>\w):(?=\S)")
MARK = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}]', re.DOTALL)


def object_in(text: str) -> Any:
    """The object that a file of JavaScript or JSON exports, else the first one that it names, as
    far as it is written out. Raises PageNotRead.

    >>> object_in("// Order\\nexport default {book: ['intro', {type:'doc', id:'a'}],};")
    {'book': ['intro', {'type': 'doc', 'id': 'a'}]}
    """
    if len(text) > LARGEST:
        raise PageNotRead(f"is {len(text):,} characters long, the limit is {LARGEST:,}")
    text = _as_yaml(text)
    begun = {match.lastgroup: match for match in LITERAL.finditer(text)}
    best = next(
        (begun[one] for one in ("exported", "default", "named", "all") if one in begun), None
    )
    if best is None:
        return {}
    shown = text[best.end() - 1 :]
    try:
        return load_yaml(shown[: _end(shown)])
    except NOT_YAML as error:
        problem = error.problem if isinstance(error, yaml.MarkedYAMLError) else "it is no object"
        raise PageNotRead(f"cannot be read without running it ({problem})") from error


def strings_in(text: str) -> set[str]:
    """The strings of a text of JavaScript, but not templates that name values.

    >>> strings_in("a('x', y, `b/${c}`)")
    {'x'}
    """
    found = (token[0][1:-1] for token in TOKEN.finditer(text) if not token["comment"])
    return {one for one in found if "${" not in one}


def value_of(text: str, key: str) -> str:
    """The object or list behind a key, as it is written; "" where there is none.

    >>> value_of("a({sidebar: ['x', {y: []}], z: 1})", "sidebar")
    "['x', {y: []}]"
    """
    found = re.search(rf"\b{key}\s*:\s*(?=[\[{{])", text)
    depth, start = 0, found.end() if found else len(text)
    for token in BRACKET.finditer(text, start):
        depth += bool(token["open"]) - bool(token["close"])
        if depth == 0:
            return text[start : token.end()]
    return ""


def names_in(text: str) -> list[str]:
    """The keys of an object, but not those of objects in it.

    >>> names_in("{root: {lang: 'en'}, 'pt-br': {}}")
    ['root', 'pt-br']
    """
    depth, at, outer = 0, 0, []
    for token in BRACKET.finditer(text):
        if depth == 1:
            outer.append(text[at : token.end()])
        depth += bool(token["open"]) - bool(token["close"])
        outer += ["{"] if token["open"] and depth == 1 else []
        at = token.end()
    return [one["name"] for one in NAME.finditer("".join(outer))]


def other_languages(config: str) -> list[str]:
    """The folders of languages beside the main one, as VitePress and Starlight have them."""
    main = re.search(r"\bdefaultLocale:\s*['\"`]([\w-]+)", config)
    names = names_in(value_of(config, "locales"))
    return [one for one in names if one not in ("root", main[1] if main else "root")]


def without_comments(text: str) -> str:
    """A text of JavaScript with a blank for each comment; "//" in a string is none."""
    return TOKEN.sub(lambda token: " " if token["comment"] else token[0], text)


def _as_yaml(text: str) -> str:
    """Without comments and tabs; with a blank behind each colon, and strings as JSON has them."""
    parts, at = [], 0
    text = text.replace("\t", " ")
    for token in TOKEN.finditer(text):
        parts.append(KEY.sub(r"\g<key>: ", text[at : token.start()]))
        parts.append(" " if token["comment"] else _as_json(token[0]))
        at = token.end()
    parts.append(KEY.sub(r"\g<key>: ", text[at:]))
    return "".join(parts)


def _as_json(string: str) -> str:
    inner = re.sub(r"\\(['`])", r"\1", string[1:-1])
    quoted = inner if string[0] == '"' else re.sub(r'(?<!\\)"', r"\"", inner)
    return f' "{quoted}" '


def _end(text: str) -> int:
    """Where the object ends that a text begins with."""
    depth, at = 0, 0
    for mark in MARK.finditer(text):
        depth += {"{": 1, "}": -1}.get(mark[0], 0)
        at = mark.end()
        if depth == 0:
            break
    return at
