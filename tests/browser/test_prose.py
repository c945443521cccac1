"""Answers while they arrive: Markdown, formulas, and hostile text."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.browser.hostile import HOSTILE
from tests.browser.prose_page import Answers, answering
from tests.support.citation_places import CITATION_PLACES

RESPONSIVE = 20_000
"""Milliseconds for the worst answer of all, on a busy machine."""
REL = 'target="_blank" rel="noopener noreferrer nofollow ugc"'
CITE = '<button type="button" class="cite">{}</button>'

LINES = {
    "A **b** *c* __d__ _e_ ~~f~~ `g`": (
        "A <strong>b</strong> <em>c</em> <strong>d</strong> <em>e</em> <s>f</s> <code>g</code>"
    ),
    "a_name and an_other_name, not _this_": "a_name and an_other_name, not <em>this</em>",
    "a<br>b <i>c</i> &amp; \\*d\\*": "a<br>b &lt;i&gt;c&lt;/i&gt; &amp; *d*",
    "H<sub>2</sub>O, x<SUP>2</SUP>, <kbd>Ctrl</kbd> and <sub>b": (
        "H<sub>2</sub>O, x<sup>2</sup>, <kbd>Ctrl</kbd> and &lt;sub&gt;b"
    ),
    "It falls[^1] and <https://example.org/a>": (
        'It falls<sup>1</sup> and <a href="https://example.org/a" title="https://example.org/a" '
        f"{REL}>https://example.org/a</a>"
    ),
    "It is $5, or $10 million, or US$ 7.": "It is $5, or $10 million, or US$ 7.",
    "Set $HOME and $PATH here.": "Set $HOME and $PATH here.",
    "![A robot](https://example.org/a.png) and ![b]": "A robot and ![b]",
    "[a](javascript:x) [b](/c) [d](//e.f) [g](x) h[i] j": "a b d [g](x) h[i] j",
    "[a](https://example.org/a_(b) 'c')": (
        f'<a href="https://example.org/a_(b)" title="https://example.org/a_(b)" {REL}>a</a>'
    ),
    "a\0 \u202eb\u202c \u2066c\u2069 d\u200d": "a b c d\u200d",
    "At https://example.org. b": (
        f'At <a href="https://example.org/" title="https://example.org/" {REL}>'
        "https://example.org</a>. b"
    ),
}
"""Of one line each: Markdown, and the paragraph's HTML."""

CITATIONS = {
    "It falls [1].": "It <span>falls<1></span>.",
    "It falls [1][3]. So [12].": "It <span>falls<1><3></span>. So [12].",
    "Two [1] [2] and **b**[3]": "<span>Two<1><2></span> and <strong>b</strong><span><3></span>",
    "`a[1]` is code": "<code>a[1]</code> is code",
    "[1](https://evil.example/) a": "[1] a",
    "[12](https://evil.example/) a": "[12] a",
    "[**1**](https://evil.example/) a": "[<strong>1</strong>] a",
    "It [1](see below)": "It [1](see below)",
    "In *a [1]*": "In <em><span>a<1></span></em>",
    "a [1": "a [1",
    "It falls [[1]].": "It <span>falls<1></span>.",
    "See [[1]](below) here.": "See [[1]](below) here.",
    "[[1]]: here": "[[1]]: here",
}
"""With <n> for a button."""

BLOCKS = {
    "# a\n## b\n### c\n#### d": "<h4>a</h4><h5>b</h5><h6>c</h6><h6>d</h6>",
    "> a\n> b\n\nc": "<blockquote><p>a<br>b</p></blockquote><p>c</p>",
    "- [ ] a\n- [x] b\n\n3. c\n   - d\n4. e": (
        '<ul><li><input type="checkbox" disabled=""> a</li>'
        '<li><input type="checkbox" disabled="" checked=""> b</li></ul>'
        '<ol start="3"><li>c<ul><li>d</li></ul></li><li>e</li></ol>'
    ),
    "- a\n  ```\n  b\n  ```\n- c": "<ul><li>a<b></li><li>c</li></ul>",
    "> - a\n>\n> - b\n\nc": (
        "<blockquote><ul><li><p>a</p></li><li><p>b</p></li></ul></blockquote><p>c</p>"
    ),
    "1) a\n2) b": "<ol><li>a</li><li>b</li></ol>",
    "~~~py\nb\n~~~": "<b>",
    "~~~~ py ~ `\n~~~\n~~~~ c\nb\n~~~~~  \na": (
        '<figure class="code"><pre tabindex="0"><code>~~~\n~~~~ c\nb</code></pre>'
        '<button type="button" class="copy">Copy</button></figure><p>a</p>'
    ),
    "> - a\n\nd\n\n- c\n  ```\n  b\n  ```\n": (
        "<blockquote><ul><li>a</li></ul></blockquote><p>d</p><ul><li>c<b></li></ul>"
    ),
    "a\n\n---\n\nb": "<p>a</p><hr><p>b</p>",
    "| a | b [1] |\n|---|--:|\n| `c|d` | e |\n\nf": (
        '<div class="table" tabindex="0" role="region" aria-label="Table"><table>'
        '<thead><tr><th>a</th><th class="right"><span>b<1></span></th></tr></thead>'
        '<tbody><tr><td><code>c|d</code></td><td class="right">e</td></tr></tbody>'
        "</table></div><p>f</p>"
    ),
    "a *b\n\nc `d\n\ne **f [g\n\nh": "<p>a *b</p><p>c `d</p><p>e **f [g</p><p>h</p>",
}

CUT = {
    "a\n\n```py\nb\n``": "<p>a</p><b>",
    "```py": "",
    "a **b": "<p>a **b</p>",
    "a [b](https://exam": "<p>a b</p>",
    "a [b": "<p>a [b</p>",
    "- a\n- ": "<ul><li>a</li></ul>",
    "| a | b |\n|---|---|\n| c | d": (
        '<div class="table" tabindex="0" role="region" aria-label="Table"><table>'
        "<thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td>c</td><td>d</td></tr></tbody></table></div>"
    ),
    "a $x + ": '<p>a <span class="math"><code class="tex">x +</code></span></p>',
    "a\n$$\nx + ": '<p>a<br><span class="math block"><code class="tex">x +</code></span></p>',
    "a $$": "<p>a </p>",
}

DRAWN = r"""$x_1$ ($y$) $2^n$ \(z\) $\frac{a}{b}$ $|w|$
$$
\dot{x} = \begin{pmatrix} 0 & 1 \\ \omega^2 & 0 \end{pmatrix} x
$$
\[ f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases} \] and $$c = d$$
$$\begin{align} a &= b \tag{1} \\ &= \sum_{i=1}^{n} x_i \nonumber \end{align}$$
$$\color{red} x + \cancel{y} + \boxed{E = mc^2} + \overline{AB} + \textcolor{#0a6658}{z}$$"""

DOCUMENTS = [
    *LINES,
    *CITATIONS,
    *BLOCKS,
    *CUT,
    DRAWN,
    """# Title [1]

Some *text* with **bold *and* nested** marks [2][3].

- one
  - two
    - three [1]
- four

1. a
2. b

   still b

```py
def f(x):
    return '[1]'
```
""",
    "Price $5 and $x$ and $10, then [a](https://example.org/x?y=z#a) and https://a.example/, end.",
    "> quote\n> - list in it\n>   ```\n>   code\n>   ```\n> > deeper\n\nback",
    "| a |\n| b |\n| c |\n\n| d\ne\n\n|---|x\n\nf",
    "\u05e9\u05dc\u05d5\u05dd [1] \U0001f916\u200d a\u0301 \u4f60\u597d [2]\n\n- \u0627\u0644",
    "a\n- b\n+ c\n* d\n10. e\n    in it\n\n    code\n\t\ttabs\n\n***\n- - -\n__x__ ***y*** *__z__*",
]
MARKS = (
    r"** * _ __ ` `` ~~ [ ] ]( [1] ) ![ $ $$ \( \) \[ \] | <br> <b> \ \\ _x 5 $5 : ! h &amp; \$ #"
)
FRAGMENTS = [
    *MARKS.split(),
    *("\n", "\n\n", "\n- ", "\n  - ", "\n1. ", "\n> ", "| ", "\n|---|\n", "\n---\n", "```\n", " "),
    *("(https://a.b/c)", "https://x.y/z ", "```py\n", "\t", "    "),
]


@pytest.fixture
async def answers() -> AsyncIterator[Answers]:
    """A page that renders answers; no test may leave a complaint in its console."""
    async with answering() as page:
        yield page
        assert page.complaints == []


async def test_lines_are_shown_as_markdown_says(answers: Answers) -> None:
    for text, expected in LINES.items():
        assert _plain(await answers.render(text)) == f"<p>{expected}</p>"


async def test_a_number_in_brackets_leads_to_its_source_and_no_link_looks_like_one(
    answers: Answers,
) -> None:
    for text, expected in CITATIONS.items():
        assert _plain(await answers.render(text)) == f"<p>{expected}</p>"


async def test_the_widget_makes_buttons_of_what_the_server_takes_for_citations(
    answers: Answers,
) -> None:
    for text, numbers in CITATION_PLACES.items():
        await answers.render(text)
        found = await answers.page.locator(".cite").all_inner_texts()
        assert [int(number) for number in found] == numbers, text


async def test_blocks_are_shown_as_markdown_says(answers: Answers) -> None:
    for text, expected in BLOCKS.items():
        assert _plain(await answers.render(text)) == expected


async def test_an_answer_that_was_cut_off_looks_right(answers: Answers) -> None:
    for text, expected in CUT.items():
        assert _plain(await answers.render(text)) == expected


async def test_the_first_letter_of_a_block_sets_its_direction(answers: Answers) -> None:
    page = answers.page
    await answers.render("1 \u05d0\n\n- \u0627\n- b\n\n```\n\u05d0\n```\n\n12")
    for block, direction in {"p": "rtl", "ul": "rtl", "pre": "ltr", "p:last-child": "ltr"}.items():
        await expect(page.locator(f".prose {block}").first).to_have_css("direction", direction)
    lefts = "[...document.querySelectorAll('li')].map((item) => { const range = new Range();"
    lefts += " range.selectNodeContents(item); return range.getBoundingClientRect().left; })"
    first, second = await page.evaluate(lefts)
    assert first > second + 50  # each item begins on the side of its own language


async def test_text_is_shown_as_soon_as_it_comes(answers: Answers) -> None:
    script = """() => {
        prose.start();
        const shown = [];
        const pieces = ["A **bo", "ld** wo", "rd [", "1", "] and `co", "de`\\n\\n```\\nx\\ny"];
        for (const piece of pieces) {
            prose.write(piece);
            shown.push(document.querySelector(".prose").textContent);
        }
        return shown;
    }"""
    shown = await answers.page.evaluate(script)
    assert shown == [
        "A bo",
        "A bold wo",
        "A bold word",
        "A bold word",
        "A bold word1 and co",
        "A bold word1 and codex\nyCopy",
    ]


async def test_it_does_not_matter_where_an_answer_was_cut(answers: Answers) -> None:
    script = "([texts, times, seed]) => prose.renderCut(texts, times, seed)"
    assert await answers.page.evaluate(script, [DOCUMENTS, 20, 7]) == []


async def test_random_answers_lose_no_text_and_make_no_unknown_elements(answers: Answers) -> None:
    for seed in range(150):
        text, words = _random_answer(random.Random(seed))
        await answers.render(text)
        assert await answers.problems() == [], text
        shown = await answers.page.evaluate(
            """() => [...document.querySelectorAll("[alttext], a")].reduce(
                (text, one) => text + one.getAttribute("alttext") + one.href,
                document.querySelector(".prose").textContent,
            )"""
        )
        assert [word for word in words if word not in shown] == [], text
        script = "([text, seed]) => prose.renderCut([text], 2, seed)"
        assert await answers.page.evaluate(script, [text, seed]) == []


async def test_formulas_are_drawn_and_keep_their_source(answers: Answers) -> None:
    html = await answers.render(DRAWN)
    assert await answers.problems() == []
    assert "<code" not in html
    assert await answers.page.locator("math").count() == 11
    assert await answers.page.locator(".math.block > math[display=block]").count() == 5
    for source in ("x_1", "2^n", "|w|", "c = d"):
        await expect(answers.page.locator(f'math[alttext="{source}"]')).to_have_count(1)
    await expect(answers.page.locator("mfrac")).to_have_text("ab")
    red = answers.page.locator("math mi", has_text="x").last
    await expect(red).to_have_css("color", "rgb(255, 0, 0)")


async def test_a_formula_that_cannot_be_drawn_is_shown_as_its_source(answers: Answers) -> None:
    for source in ("\\undefined{x}", "\\frac{a}", "\\def\\a{b}\\a", "x + " * 1100 + "x"):
        html = await answers.render(f"$${source}$$")
        assert f'<code class="tex">{source}</code>' in html


async def test_the_math_bundle_is_loaded_with_the_first_formula(answers: Answers) -> None:
    asked: list[str] = []
    answers.page.on("request", lambda request: asked.append(request.url))
    await answers.render("It costs $5 and [1] is `$x$`.")
    assert asked == []
    await answers.render("It is $x$ and $y$.")
    assert len(asked) == 1


async def test_code_can_be_copied(answers: Answers) -> None:
    page = answers.page
    code = "x = '<b>'\n  y"
    await page.clock.install()
    await answers.render(f"```py\n{code}\n```")
    copy = page.get_by_role("button", name="Copy")
    await copy.click()  # without a clipboard, as on pages over HTTP, it is selected
    assert await page.evaluate("`${getSelection()}`") == code
    await expect(copy).to_have_text("Copy")

    await page.evaluate(
        """Object.defineProperty(navigator, "clipboard", { value: {
            writeText: async (text) => { window.copied = text; },
        } })"""
    )
    await copy.click()
    assert await page.evaluate("window.copied") == code
    await expect(page.get_by_role("button")).to_have_text("Copied")
    await page.clock.run_for(3000)
    await expect(page.get_by_role("button")).to_have_text("Copy")


async def test_hostile_answers_are_only_text(answers: Answers) -> None:
    script = "([text, size]) => prose.time(text, size, 1)"
    for name, text in HOSTILE:
        for size in (len(text), 40):
            spent = await answers.page.evaluate(script, [text, size])
            assert spent["all"] < RESPONSIVE, name
            assert await answers.problems() == [], name
        assert await answers.page.evaluate("window.hit") is None, name
        assert answers.complaints == [], name


async def test_a_piece_costs_the_same_at_the_end_of_a_long_answer(answers: Answers) -> None:
    text = (DOCUMENTS[-6] + "\n\n" + DRAWN + "\n\n" + "\n\n".join(BLOCKS) + "\n\n") * 60
    text = text[:100_000]
    script = "([text, size, many]) => prose.time(text, size, many)"
    await answers.page.evaluate(script, [text, 4, 1000])  # compiled, and the formulas loaded
    spent = await answers.page.evaluate(script, [text, 4, 2500])
    assert spent["all"] < 2500  # 25,000 pieces
    assert spent["last"] < 4 * spent["first"] + 100


def _plain(html: str) -> str:
    """Without directions and classes of ours, and short for code and citations."""
    for direction in ("auto", "ltr"):
        html = html.replace(f' dir="{direction}"', "")
    for number in range(1, 10):
        html = html.replace(CITE.format(number), f"<{number}>")
    html = html.replace('<span class="keep">', "<span>")
    return html.replace(
        '<figure class="code"><pre tabindex="0"><code>b</code></pre>'
        '<button type="button" class="copy">Copy</button></figure>',
        "<b>",
    )


def _random_answer(source: random.Random) -> tuple[str, list[str]]:
    words: list[str] = []
    parts: list[str] = []
    for number in range(source.randint(3, 25)):
        if source.random() < 0.45:
            words.append(f"word{number}")
            parts.append(words[-1] + source.choice(("", " ", ". ")))
        else:
            parts.append(source.choice(FRAGMENTS))
    return "".join(parts), words
