"""llms.txt: the contents of the book as Markdown, for programs that read on behalf of people.

The form is that of https://llmstxt.org: a title, and lists of links below headings.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from quart_app.pages.contents import Pages
from quart_app.pages.links import PAGE_PREFIX

ACTIVE = re.compile(r"([\\\[\]*_`<>#])")


def llms_txt(pages: Pages, here: str) -> str:
    """Every page with its address, below the name of its part.

    Where the book has no other site than ours, addresses begin with `here`, such as
    ``https://tutor.example/tutor``.
    """
    book = pages.book
    is_ours = book.base_url == PAGE_PREFIX
    files = iter(book.files.values())  # in the order of the contents
    lines = [f"# {_plain(book.title)}"]
    for part in pages.parts:
        lines += ["", f"## {_plain(part.title or 'Chapters')}", ""]
        for chapter in part.chapters:
            file = next(files)
            address = here + chapter.href if is_ours else quote(book.url(file), safe=":/?&=%[]@")
            lines.append(f"- [{_plain(chapter.title)}]({address})")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return ACTIVE.sub(r"\\\1", " ".join(text.split()))
