"""How chapters are rendered, and what their links and images mean."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from markupsafe import Markup

from chains.index.book import Book, File, Section
from ingestion.markdown.parser import parse
from quart_app.pages.chapters import Rendered, render
from quart_app.pages.contents import Chapter, Link, Pages, Part
from quart_app.pages.highlight import highlight
from quart_app.pages.links import PageLinks
from quart_app.pages.mathml import _tidy, mathml

BOOKS = Path(__file__).parents[3] / "examples"


def book_of(*files: tuple[str, str]) -> Book:
    """A book of files with these routes."""
    section = Section(("A", "B"), 0, "b", 0, 0)
    made = {name: File(name, name.upper(), route, (section,)) for name, route in files}
    return Book("Book", "/", "/book/", "none", 1, "1", files=made)


BOOK = book_of(("intro.md", ""), ("02-a/01-x.mdx", "a/x"), ("02-a/02-y.md", "a/y"))


def links_of(file: str) -> PageLinks:
    """The addresses on one of the pages of BOOK."""
    routes = {each.route: each for each in BOOK.files.values()}
    return PageLinks(BOOK.files[file], BOOK.files, routes)


def shown(text: str, *, mdx: bool = False) -> Rendered:
    """A text as the page 02-a/01-x.mdx."""
    return render(text, mdx=mdx, links=links_of("02-a/01-x.mdx"))


def visible(html: str) -> str:
    """What is read of HTML."""
    return Markup(re.sub(r"<[^>]*>", "", html)).unescape()


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("./02-y.md", "/book/a/y"),
        ("02-y.md#top", "/book/a/y#top"),
        ("02-y", "/book/a/y"),
        ("02-y.mdx", "/book/a/y"),
        ("02-y.html", "/book/a/y"),
        ("../intro.md", "/book/"),
        ("/02-a/02-y.md", "/book/a/y"),
        ("y", "/book/a/y"),
        ("/book/a/y", "/book/a/y"),
        ("#here", "#here"),
        ("https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("mailto:someone@example.org", "mailto:someone@example.org"),
        ("missing.md", None),
        ("../../intro.md", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//example.org/x", None),
        ("http://[", None),
    ],
)
def test_a_link_leads_to_the_page_of_the_file_it_names(href: str, address: str | None) -> None:
    assert links_of("02-a/01-x.mdx").link(href) == address


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("./arm one.svg", "/figures/02-a/arm%20one.svg"),
        ("../img/arm.png", "/figures/img/arm.png"),
        ("/img/arm.png", "/figures/img/arm.png"),
        ("../../arm.png", None),
        ("https://example.org/arm.png", None),
        ("http://[", None),
        ("..\\..\\arm.png", None),
    ],
)
def test_an_image_is_one_of_the_books_folder_or_none(source: str, address: str | None) -> None:
    assert links_of("02-a/01-x.mdx").figure(source) == address


def test_the_contents_follow_folders_and_reading_order() -> None:
    pages = Pages(BOOK)
    x = Chapter("02-A/01-X.MDX", "/book/a/x", (Link("B", "/book/a/x#b"),))
    y = Chapter("02-A/02-Y.MD", "/book/a/y", (Link("B", "/book/a/y#b"),))
    intro = Chapter("INTRO.MD", "/book/", (Link("B", "/book/#b"),))
    assert pages.parts == (Part("", (intro,)), Part("A", (x, y)))


def test_the_folder_of_all_pages_is_no_part() -> None:
    files = [File("src/a.md", "A", "a.html", ()), File("src/b/c.md", "C", "b/c.html", ())]
    book = Book("T", "/r", "/book/", "minilm", 384, "v", files={one.file: one for one in files})
    assert [part.title for part in Pages(book).parts] == ["", "B"]


def test_a_page_knows_its_neighbours() -> None:
    pages = Pages(BOOK)
    first, middle, last = BOOK.files.values()
    before, after = pages.neighbours(middle)
    assert before == Link("INTRO.MD", "/book/")
    assert after == Link("02-A/02-Y.MD", "/book/a/y")
    assert pages.neighbours(first)[0] is None
    assert pages.neighbours(last)[1] is None


def test_headings_have_the_anchors_of_the_index() -> None:
    page = shown("# Title\n\n## One {#first}\n\n### Two & three\n\n## One\n")
    assert page.title == '<h1 id="title">Title</h1>\n'
    assert [heading.anchor for heading in page.headings] == ["first", "two--three", "one"]
    assert re.findall(r'<h(\d) id="([^"]*)">', page.text) == [
        ("2", "first"),
        ("3", "two--three"),
        ("2", "one"),
    ]


def test_a_first_heading_of_any_level_may_be_the_title() -> None:
    page = shown("## Title\n\n### One\n\ntext\n")
    assert page.title == '<h1 id="title">Title</h1>\n'
    assert [heading.text for heading in page.headings] == ["One"]
    assert "Title" not in page.text


def test_a_page_titled_by_its_front_matter_keeps_its_headings() -> None:
    page = shown("---\ntitle: Another\n---\n\n## One\n\ntext\n")
    assert page.title == ""
    assert '<h2 id="one">One</h2>' in page.text


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "a <script>alert(1)</script> b",
        '<img src="x.png" onerror="alert(1)">',
        '<iframe src="https://example.org"></iframe>',
        "<svg onload=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        "[x](javascript:alert(1))",
        "[x](<javascript:alert(1)>)",
        "![x](javascript:alert(1))",
        "$\\text{<script>alert(1)</script>}$",
        "$\\href{javascript:alert(1)}{x}$",
        "$\\style{background:red}{x}$",
        '$x" onclick="alert(1)$',
        "$x'><script>alert(1)</script>$",
        '## Heading {#"onclick="alert(1)}',
        ':::tip[<img src=x onerror="alert(1)">]\ntext\n:::',
        '```js title="<script>alert(1)</script>"\nlet x\n```',
        '```"><script>alert(1)</script>\nlet x\n```',
        "<div\nonclick=alert(1)>text</div>",
        '<input class="task-list-item-checkbox" onclick="alert(1)">',
        '<kbd onclick="alert(1)">K</kbd>',
        "<style>body { display: none }</style>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<div>&lt;script&gt;alert(1)&lt;/script&gt;</div>",
        "| a |\n|:-:|\n| <b style='color:red'>x</b> |",
        "[^1]\n\n[^1]: <script>alert(1)</script>",
        "<Component onClick={() => alert(1)}>text</Component>",
        "export const x = alert(1)",
    ],
)
@pytest.mark.parametrize("mdx", [False, True])
def test_a_book_cannot_script(attack: str, mdx: bool) -> None:
    page = shown(f"{attack}\n\nafter\n", mdx=mdx)
    html = re.sub(r' alttext="[^"]*"', "", f"{page.title}{page.text}")  # TeX, quoted and not run
    tags = re.findall(r"<[^>]*>", html)
    names = {re.split(r"[\s>/]", tag.lstrip("</"))[0] for tag in tags}
    assert not names & {"script", "iframe", "svg", "style", "object", "embed", "form"}
    assert not [tag for tag in tags if re.search(r"\son\w+=|javascript:|\sstyle=", tag)]
    assert "after" in page.text


@pytest.mark.parametrize("mdx", [False, True])
def test_raw_html_loses_its_tags_and_keeps_its_text(mdx: bool) -> None:
    text = (
        "import Tabs from '@theme/Tabs';\n\n<Tabs>\n\ninner **bold** text\n\n</Tabs>\n\n"
        '<div className="x">a note</div>\n\nPress <kbd>Enter</kbd>, H<sub>2</sub>O.\n'
    )
    page = shown(text, mdx=mdx)
    assert "<strong>bold</strong>" in page.text
    assert "Press <kbd>Enter</kbd>, H<sub>2</sub>O." in page.text
    assert "a note" in visible(page.text)
    assert "Tabs" not in page.text


def test_an_image_alone_is_a_figure_with_its_title_below() -> None:
    page = shown('![An arm](arm.svg "How it bends")\n\nText ![i](i.png) here.\n')
    assert '<figure><img src="/figures/02-a/arm.svg" alt="An arm"' in page.text
    assert "<figcaption>How it bends</figcaption></figure>" in page.text
    assert re.search(r'<p>Text <img src="/figures/02-a/i.png" alt="i"[^>]*> here.</p>', page.text)


def test_an_html_image_is_shown_like_any_other() -> None:
    page = shown('<img src="./arm.svg" alt="An arm" width="200" />\n')
    assert '<img src="/figures/02-a/arm.svg" alt="An arm"' in page.text


def test_an_image_from_elsewhere_leaves_its_words() -> None:
    assert "<em>An arm</em>" in shown("![An arm](https://example.org/arm.svg)").text


def test_a_link_to_nowhere_leaves_its_words() -> None:
    assert "<a>there</a>" in shown("See [there](missing.md).").text


def test_admonitions_have_kind_and_title() -> None:
    page = shown(":::warning[Hot *motor*]\n\nDo not touch.\n\n:::\n")
    assert '<aside class="admonition warning">' in page.text
    assert '<p class="title">Hot <em>motor</em></p>' in page.text
    assert "<p>Do not touch.</p>\n</aside>" in page.text


def test_tables_tasks_and_footnotes_need_no_inline_style() -> None:
    page = shown(
        "| a | b |\n|--|-:|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\nx[^1]\n\n[^1]: Note.\n"
    )
    assert '<td class="align-right">2</td>' in page.text
    assert page.text.count('<input type="checkbox" disabled') == 2
    assert page.text.count("checked>") == 1
    assert "Note." in page.text
    assert "style=" not in page.text


def test_a_formula_is_mathml_and_a_bad_one_is_its_tex() -> None:
    page = shown("Inline $a < b$ and\n\n$$\n\\frac{1}{2}\n$$\n\nand $\\unknown{x}$.\n")
    assert "<mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow></math>" in page.text
    assert "<mfrac>" in page.text
    assert '<code class="tex">\\unknown{x}</code>' in page.text


def test_a_formula_carries_its_tex() -> None:
    tex = "\\frac{1}{2} < b \\& \\text{\"c\"} > 'd'\n\\cdot e"
    for display in (True, False):
        written = re.match(
            r'<math [^>"]*(?:"[^"]*"[^>"]*)*>', mathml(f"\n{tex}\n", display=display)
        )
        assert written
        alternative = re.search(r'alttext="([^"]*)"', written[0])
        assert alternative
        assert unescape(alternative[1]) == tex
        assert "<" not in alternative[1]


@pytest.mark.parametrize("tex", ["\\frac{", "}", "\\left(", "a^b^c", "\\begin{matrix}", "", "\\"])
def test_malformed_tex_never_breaks_a_page(tex: str) -> None:
    assert mathml(tex, display=True).startswith(("<math", "<code"))


def test_a_comma_in_braces_takes_no_space() -> None:
    assert "<mtext>,</mtext>" in mathml("16{,}384", display=False)


@pytest.mark.parametrize("language", ["python", "cpp", "rust", "bash", "yaml", "unknown", ""])
def test_highlighted_code_is_the_authors_to_the_character(language: str) -> None:
    code = "\n\n  def f(x):\n\treturn x < 1 and 'a&b'  # note \n\n\n    <tag>  \n\n"
    assert visible(highlight(code, language)) == code


@pytest.mark.parametrize("mdx", [False, True])
def test_every_code_line_of_the_example_book_stands_on_its_page(mdx: bool) -> None:
    suffix = ".mdx" if mdx else ".md"
    files = [file for file in BOOKS.rglob("*.md*") if file.suffix == suffix]
    assert files
    for file in files:
        text = file.read_text("utf-8")
        page = shown(text, mdx=mdx)
        listings = re.findall(r"<pre><code>(.*?)</code></pre>", page.text, re.DOTALL)
        fences = [token for token in parse(text, mdx=mdx).tokens if token.type == "fence"]
        assert [visible(listing) for listing in listings] == [token.content for token in fences]
        assert '<code class="tex">' not in page.text


@pytest.mark.parametrize("tag", ["script", "a", "img", "annotation-xml"])
def test_an_element_that_is_not_of_math_makes_the_formula_its_tex(tag: str) -> None:
    assert not _tidy(Element(tag))
    assert _tidy(Element("mi"))
