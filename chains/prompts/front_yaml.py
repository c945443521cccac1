"""YAML that front matter may not hold: aliases, which could unfold to any size, and a key twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one of msgspec; the two differ in what they allow between brackets."""


def unwanted(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, message and fix of what the text may not hold. Raises YAMLError.

    >>> list(unwanted("inputs: 1\\ninputs: 2"))
    [(2, '“inputs” stands twice', 'remove one of them')]
    """
    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else 1
            yield line, f"the front matter uses an alias (*{event.anchor})", "write it out"
            return  # nothing may unfold it
    for node in _nodes(yaml.compose(text, _LOADER)):
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                line = key.start_mark.line + 1
                yield line, f"“{key.value}” stands twice", "remove one of them"
            seen.add(str(key.value))


def _nodes(root: yaml.Node | None) -> Iterator[yaml.Node]:
    left = [root] if root is not None else []
    while left:
        node = left.pop()
        yield node
        for child in node.value if isinstance(node, yaml.CollectionNode) else ():
            left += child if isinstance(child, tuple) else [child]
