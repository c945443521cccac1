"""HTML as Markdown."""

from __future__ import annotations

import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from ingestion.dialects.html.html_text import _main, read_html

PAGE = """<html><head><title>Pumps — My book</title><script>x</script></head><body>
<nav><a href="a.html">Next page</a></nav><main>
<section id="pumps"><h1>Pumps<a class="headerlink" href="#pumps">#</a></h1>
<p>A <em>pump</em> moves <code>water_level</code> &lt;fast&gt;, <a href="b.html">see</a>.</p>
<div class="admonition tip"><p class="admonition-title">Size</p><p>Larger.</p></div>
<h2 id="own">Own <code>id</code></h2><h2>None</h2>
<div class="highlight-python notranslate"><div class="highlight"><pre>run()
</pre></div></div>
<ul><li><p>one</p></li><li>two<ul><li>three</li></ul></li></ul>
<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>
<details><summary>Answer</summary>42</details>
<p aria-hidden="true">no</p></section></main><footer>Copyright</footer></body></html>"""


def test_the_main_text_of_a_page_is_markdown_with_the_ids_that_exist() -> None:
    page = read_html(PAGE)
    assert page.title == "Pumps"
    assert page.markdown.split("\n\n") == [
        "# Pumps {#pumps}",
        "A *pump* moves `water_level` \\<fast>, [see](b.html).",
        ":::tip[Size]",
        "Larger.",
        ":::",
        "## Own `id` {#own}",
        "## None",
        "```python\nrun()\n```",
        "- one\n- two",
        "  - three",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        ":::solution[Answer]",
        "42",
        ":::\n",
    ]


def test_powers_and_indices_stay_and_the_marks_of_footnotes_go() -> None:
    text = """<main><p>At most 2<sup>n</sup>, often less.<sup><a href="#fn1"
        >1</a></sup> H<sub>2</sub>O<a href="#fn2" role="doc-noteref">[2]</a> is
        water.<a href="#fn3"><sup>3</sup></a> <a href="#more">More</a> is below.</p>
        <p>A note. <a href="#r1" role="doc-backlink">up</a></p></main>"""
    assert read_html(text).markdown.split("\n\n") == [
        "At most 2<sup>n</sup>, often less. H<sub>2</sub>O is water. [More](#more) is below.",
        "A note.\n",
    ]


@pytest.mark.parametrize(
    "text",
    ["", "<", "<div>" * 5_000, "<p>" * 100_000, "<table><tr>" * 1_000, "<a><b>" * 20_000],
)
def test_odd_pages_of_html_are_read(text: str) -> None:
    read_html(text)


@pytest.mark.parametrize(
    ("inner", "markdown"),
    [
        ("<dt>Gear<dd>A wheel with teeth.", "**Gear**: A wheel with teeth.\n"),
        (
            "<dt>Gear<dt>Cog<dd><p>A wheel.<p>It turns.",
            "**Gear**, **Cog**: A wheel.\n\nIt turns.\n",
        ),
        ("<dt>Rod<dd>One.<dd>Two.", "**Rod**: One.\n\nTwo.\n"),
        ("<div><dt>Rod<dd>A bar.</div>", "**Rod**: A bar.\n"),
        ("<dt>run()<a class='x'>#</a><dd><pre>ls</pre>", "**run()**:\n\n```\nls\n```\n"),
        ("<dt>Rod<dd><ul><li>a</ul>", "**Rod**:\n\n- a\n"),
        ("<dt>Rod", "**Rod**\n"),
    ],
)
def test_a_term_stands_in_front_of_its_meaning(inner: str, markdown: str) -> None:
    assert read_html(f"<main><dl>{inner}</dl></main>").markdown == markdown


def test_a_table_within_a_cell_is_words_of_that_cell_and_stands_there_once() -> None:
    inner = "<table><tr><td>x</td><td>y</td></tr></table>"
    table = f"<table><thead><tr><th>a</th><th>b</th></tr></thead><tr><td>{inner}</td></tr></table>"
    assert read_html(table).markdown == "| a | b |\n| --- | --- |\n| x y |\n"


def test_short_rows_below_a_wide_one_are_not_made_as_wide() -> None:
    table = f"<table><tr>{'<td>a' * 1_000}{'<tr><td>b' * 1_000}"
    assert len(read_html(table).markdown) < 2 * len(table)


def test_main_parts_within_one_another_are_not_measured_thousands_of_times() -> None:
    tree = LexborHTMLParser("<article>a " * 15_000)
    started = time.process_time()
    assert _main(tree) is not None
    assert time.process_time() - started < 1


def test_a_page_that_leads_on_is_not_published() -> None:
    assert not read_html('<meta http-equiv="Refresh" content="0; url=b.html">').is_published


def test_a_box_called_a_sidebar_is_text_and_one_of_links_is_not() -> None:
    page = read_html(
        "<div class='sidebar'>Chapters <a href='a.html'>Gears</a> <a href='b.html'>Rods</a></div>"
        "<h1>Gears</h1><p>A gear turns another one, and so on.</p>"
        "<div class='sidebar'><div><p class='title'><strong>Tip: oil</strong></p></div>"
        "<p>Oil a gear, see <a href='b.html'>rods</a>, once a year.</p></div>"
    )
    assert page.markdown == (
        "# Gears\n\nA gear turns another one, and so on.\n\n:::note[Tip: oil]\n\n"
        "Oil a gear, see [rods](b.html), once a year.\n\n:::\n"
    )
