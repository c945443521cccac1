"""Task lists: items that begin with `[ ]` or `[x]` get a check box, as on GitHub."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

BOX = re.compile(r"\[([ xX])\](?=[ \t\n\v\f\r])")
OPENINGS = {"bullet_list_open", "ordered_list_open"}
CLOSINGS = {"bullet_list_close", "ordered_list_close"}


def task_lists_plugin(md: MarkdownIt) -> None:
    """Put an `html_inline` token with the check box in front of such an item's text."""
    md.core.ruler.after("inline", "task_lists", _mark_tasks)


def _mark_tasks(state: StateCore) -> None:
    # One walk: the plugin of mdit-py-plugins looks for each item's list from the item backwards.
    lists: list[Token] = []
    tokens = state.tokens
    for place, token in enumerate(tokens):
        if token.type in OPENINGS:
            lists.append(token)
        elif token.type in CLOSINGS:
            lists.pop()
        elif token.type == "list_item_open" and _take_box(tokens[place + 1 : place + 3]):
            token.attrSet("class", "task-list-item")
            lists[-1].attrSet("class", "contains-task-list")


def _take_box(following: list[Token]) -> bool:
    """Turn the `[ ]` of a paragraph into a check box; false where there is none."""
    if [token.type for token in following] != ["paragraph_open", "inline"]:
        return False
    inline = following[1]
    children, box = inline.children or [], BOX.match(inline.content)
    # An `[x]` that is a link, because the page defines it as one, is no check box.
    if box is None or not children[0].content.startswith(box[0]):
        return False
    children[0].content = children[0].content[box.end() :]
    inline.content = inline.content[box.end() :]
    children.insert(0, _check_box(is_done=box[1] != " "))
    return True


def _check_box(*, is_done: bool) -> Token:
    checked = ' checked="checked"' if is_done else ""
    box = f'<input class="task-list-item-checkbox"{checked} disabled="disabled" type="checkbox">'
    return Token("html_inline", "", 0, content=box)
