"""Answers show as markdown-it renders them, wherever they were cut while they streamed.

What differs on purpose, and is not in these documents:

- A link whose text is a number, since it would look like a citation, or whose address has none of
  ``./#:``, since such brackets are prose: both stay text. Only addresses of http(s) lead anywhere.
- Names of links (``[a][b]``, ``[b]: …``): a name may be the number of a source.
- Images show their text. Bare addresses are links. A bar in code ends no cell of a table.
- ``<sub>``, ``<sup>``, ``<kbd>`` and ``<br>`` are elements, ``[^1]`` is raised, ``[ ]`` is a box.
- Formulas, citations, and no fence without content. Headings begin at level 4.
- Of entities by name only five are read.
- The end of a link's text is no blank: a mark before it may begin emphasis, as in CommonMark.
"""

from __future__ import annotations

from markdown_it import MarkdownIt

from tests.browser.markdown_documents import document
from tests.browser.prose_page import answering

DOCUMENTS = 1000
EQUAL = 0.995
ORACLE = MarkdownIt("js-default", {"html": False, "breaks": True, "linkify": False})


async def test_a_thousand_documents_in_random_cuts_are_what_markdown_it_makes_of_them() -> None:
    texts = [document(seed) for seed in range(DOCUMENTS)]
    expected = [ORACLE.render(text) for text in texts]
    async with answering() as answers:
        script = "([texts, expected]) => prose.differing(texts, expected, 1)"
        wrong = await answers.page.evaluate(script, [texts, expected])
        assert len(wrong) <= DOCUMENTS * (1 - EQUAL), "\n\n".join("\n".join(one) for one in wrong)
