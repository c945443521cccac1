"""Where a quote is found on a page, how it is shown, and how a citation leads there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from unicodedata import normalize

import pytest
from playwright.async_api import Page

from tests.browser.browsing import MARKED, PHONE, REPORTS
from tests.browser.reading_page import SITE, found, reading

PAGE = f"{SITE}/book/docusaurus"
FALLS = "A robot that falls has to know how to fall."
NO_HIGHLIGHTS = "Object.defineProperty(CSS, 'highlights', { value: undefined })"
IN_SIGHT = """() => {
    const [range] = CSS.highlights.get("scholiast-quote");
    const { left, top, width, height } = range.getClientRects()[0];
    const shown = document.elementFromPoint(left + width / 2, top + height / 2);
    return !!shown && range.intersectsNode(shown) && !shown.shadowRoot;
}"""
AT_REST = """async () => {
    for (let before = NaN; before !== scrollY; ) {
        before = scrollY;
        await new Promise((done) => setTimeout(done, 150));
    }
}"""


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A page like those of Docusaurus, whose reader wants no motion."""
    async with reading("docusaurus", reduced_motion="reduce") as page:
        yield page


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("it  follows\nfrom THE equation below", "It follows from the equation below."),
        (
            "A robot stands if its weight falls within its feet; see Fig. 1.",
            "A robot stands if its weight falls within its feet; see\u00a0Fig. 1.",
        ),
        ('It is "where the feet push" - no more.', "It is “where the feet push” — no more."),
        (
            "The zero moment point $x_{z}$ moves while the robot walks.",
            "The zero moment point $x_{z}$ moves while the robot walks.",
        ),
        ("so does `step(state)`.", "so does step(state)."),
        ("**Bend** the [knees](../knees.md#bent) first.", "Bend the knees first."),
        (
            "| Walk | 1.4 m/s | one or<br>two |\n| **Run** | | none or one |",
            "Walk | 1.4 m/s | one or two\nRun |  | none or one",
        ),
        (
            "def step(state):\n    if state < 0:\n        return None  # it fe",
            "def step(state):\n    if state < 0:\n        return None  # it fe",
        ),
        ("x_{z} = x - \\frac{h}{g} \\ddot{x}", "$$x_{z} = x - \\frac{h}{g} \\ddot{x}$$"),
        ("Lift one foot.", "Lift one foot."),
        ("no such words are on this page at all", None),
        ("", None),
        ("?!", None),
    ],
)
async def test_quotes_are_found_as_pages_show_them(
    page: Page, quote: str, text: str | None
) -> None:
    assert await found(page, quote) == text


async def test_the_longest_part_is_found_if_the_whole_is_not_there(page: Page) -> None:
    assert await found(page, "In short: it follows from the equation below, as we saw.") == (
        "It follows from the equation below."
    )
    assert await found(page, "Bend the elbows and knees and fingers first.") is None
    # A few common words are not the quote.
    long = "it is where the moon and the stars and all the planets turn about us every night"
    assert await found(page, long) is None


async def test_signs_of_scripts_without_spaces_count_as_words(page: Page) -> None:
    await page.evaluate("document.querySelector('#first').textContent = '这本书讲解平衡与行走。'")
    assert await found(page, "平衡与行走") == "平衡与行走。"
    assert await found(page, "本书讲解平衡和跑步") == "本书讲解平衡"


async def test_letters_that_get_longer_in_lower_case_move_nothing(page: Page) -> None:
    await page.evaluate("document.querySelector('#first').textContent = 'İİİ İyi bir denge: gün.'")
    assert await found(page, "iyi bir denge") == "İyi bir denge:"


async def test_the_first_quote_below_the_anchor_is_found(page: Page) -> None:
    script = """anchor => {
        const range = reading.findQuote("%s", anchor);
        return range.startContainer.parentElement.id;
    }"""
    assert await page.evaluate(script % FALLS, "falls") == ""
    assert await page.evaluate(script % FALLS, "again") == "repeated"
    assert await page.evaluate(script % FALLS, "no-such-heading") == ""
    above = """() => {
        const range = reading.findQuote("Lift one foot.", "again");
        return range.startContainer.parentElement.localName;
    }"""
    assert await page.evaluate(above) == "li"


async def test_the_main_text_comes_before_what_is_around_it(page: Page) -> None:
    script = """quote => {
        const range = reading.findQuote(quote);
        return !!range.startContainer.parentElement.closest("main");
    }"""
    assert await page.evaluate(script, "The zero moment point") is True
    assert await page.evaluate(script, "The zero moment point moves") is False


async def test_formulas_of_mathjax_are_found_by_their_tex() -> None:
    async with reading("mathjax") as page:
        assert await found(page, "By MathJax 3: $x^2$ is known") == "By MathJax 3: $x^2$ is known"


async def test_line_numbers_are_not_part_of_code() -> None:
    async with reading("plain") as page:
        assert await found(page, "let a = 1;\n  let b = 2;") == "let a = 1;\n  let b = 2;"


async def test_a_chapter_of_300_kb_is_searched_without_a_wait(page: Page) -> None:
    script = """() => {
        const main = document.querySelector("article");
        for (let i = 0; i < 3000; i++) {
            const made = document.createElement("p");
            const [code, strong] = ["code", "strong"].map((name) => document.createElement(name));
            code.textContent = `walk(${i})`;
            strong.textContent = `weight ${i}`;
            made.append("A robot in ", code, ` of step ${i} keeps its `, strong,
                " within its feet, and swings its arms while it goes on.");
            main.append(made);
        }
        const time = (quote) => Math.min(...[1, 2, 3, 4, 5, 6, 7].map(() => {
            const start = performance.now();
            reading.findQuote(quote, "falls");
            return performance.now() - start;
        }));
        const whole = "in walk(2900) of step 2900 keeps its weight 2900 within";
        const part = `They say that a robot ${whole} its two feet, as others do in every book.`;
        return [main.textContent.length, time(whole), time(part)];
    }"""
    size, whole, part = await page.evaluate(script)
    assert size > 300_000
    assert whole < 1000  # ms; 50 on a machine with nothing else to do
    assert part < 2000


async def test_a_citation_leads_to_its_quote(page: Page) -> None:
    await lead(page, FALLS, "#again")
    assert await page.evaluate(MARKED) == FALLS
    assert await page.evaluate(IN_SIGHT)
    assert page.url == f"{PAGE}#again"
    middle = "document.querySelector('#repeated').getBoundingClientRect().top / innerHeight"
    assert 0.3 < await page.evaluate(middle) < 0.6
    await page.screenshot(path=REPORTS / "quote.png")
    await page.go_back()
    assert page.url == PAGE
    await page.wait_for_function("scrollY === 0")


async def test_the_focus_moves_to_the_quote_and_leaves_no_trace(page: Page) -> None:
    markup = "document.querySelector('#repeated').outerHTML"
    before = await page.evaluate(markup)
    await lead(page, FALLS, "#again")
    assert await page.evaluate("document.activeElement.id") == "repeated"
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none"
    await page.keyboard.press("Tab")
    after = await page.evaluate(markup)
    assert after.replace(' style=""', "") == before


async def test_a_mark_stays_until_the_next_one_or_none(page: Page) -> None:
    await lead(page, FALLS, "#again")
    await lead(page, "It follows from the equation below.", "#zmp")
    assert await page.evaluate(MARKED) == "It follows from the equation below."
    await page.evaluate("reading.mark(null)")
    assert await page.evaluate(MARKED) == ""


async def test_without_highlights_the_quote_is_selected() -> None:
    async with reading("docusaurus") as page:
        await page.evaluate(NO_HIGHLIGHTS)
        await page.evaluate("reading.watch()")
        await lead(page, FALLS, "#again")
        assert await page.evaluate("getSelection().toString()") == FALLS
        await page.wait_for_timeout(400)
        assert await page.evaluate("reading.reports.length") == 0  # the reader selected nothing
        await page.evaluate("reading.mark(null)")
        assert await page.evaluate("getSelection().toString()") == ""


@pytest.mark.parametrize(
    ("quote", "anchor"),
    [
        ("A fall to the side is worse than that.", "#falls"),
        ("Folded away, a fall forward is caught with both hands.", "#falls"),
        ("The Rust tab has to be chosen by somebody.", "#gaits"),
        ("its far end is reached over there.", "#falls"),
        ("def step(state): if state < 0: return None", "#code"),
        ("A robot stands if its weight falls within its feet", ""),
    ],
)
async def test_folded_and_scrolled_parts_are_shown(page: Page, quote: str, anchor: str) -> None:
    await lead(page, quote, anchor)
    await page.wait_for_function(IN_SIGHT)


async def test_what_cannot_be_opened_leads_to_the_heading(page: Page) -> None:
    await lead(page, "A panel that no tab in this page will ever open.", "#falls")
    assert await page.evaluate(MARKED) == ""
    assert await page.evaluate("document.activeElement.id") == "falls"
    await lead(page, "Words that are not there.", "#zmp")
    assert await page.evaluate("document.activeElement.id") == "zmp"
    top = await page.evaluate("document.querySelector('#zmp').getBoundingClientRect().top")
    assert 60 < top < 800
    await lead(page, "Words that are not there.", "#nor-this-one")  # and nothing breaks
    assert await page.evaluate("document.activeElement.id") == "zmp"


async def test_fixed_parts_of_the_page_do_not_cover_the_quote() -> None:
    sheet = """
        const made = document.createElement("div");
        made.textContent = "A sheet over the lower part of the page";
        Object.assign(made.style, { position: "fixed", inset: "35vh 0 0", background: "gold" });
        document.body.append(made);
    """
    async with reading("docusaurus", reduced_motion="reduce", **PHONE) as page:
        await page.evaluate(f"(() => {{ {sheet} }})()")
        await lead(page, FALLS, "#again")
        assert await page.evaluate(IN_SIGHT)
        await page.screenshot(path=REPORTS / "quote-phone.png")


async def test_scrolling_is_smooth_where_motion_is_wanted() -> None:
    async with reading("docusaurus") as page:
        await page.evaluate(
            "([url, quote]) => reading.leadTo({ url, quote })", [f"{PAGE}#again", FALLS]
        )
        early = await page.evaluate("scrollY")
        await page.evaluate(AT_REST)
        assert early < await page.evaluate("scrollY")
        assert await page.evaluate(IN_SIGHT)


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("/book/docusaurus", True),
        ("/book/docusaurus/", True),
        ("/book/docusaurus.html#zmp", True),
        ("/book/docusaurus/index.html?from=here#zmp", True),
        ("/book/%64ocusaurus", True),
        ("/book/docusaurus/zmp", False),
        ("/book", False),
        ("/book/docusaurus%", False),
        ("https://book.test/book/docusaurus", False),
        ("http://[", False),
    ],
)
async def test_a_page_is_the_same_however_it_is_written(
    page: Page, address: str, is_here: bool
) -> None:
    assert await page.evaluate("url => reading.isHere(url)", address) is is_here


async def test_a_stored_quote_is_used_once(page: Page) -> None:
    await page.goto(f"{SITE}/book/plain")
    await hand_over(page, f"{PAGE}#again", FALLS)
    assert await arrive(page) is False  # this is not the page
    await page.goto(f"{PAGE}#again")
    assert await arrive(page) is True
    assert await page.evaluate(MARKED) == FALLS
    assert await page.evaluate(IN_SIGHT)
    await page.reload()
    assert await arrive(page) is False


async def test_a_page_that_draws_its_text_late_is_waited_for() -> None:
    async with reading("plain") as page:
        await hand_over(page, f"{SITE}/book/late#late", "This text is drawn late.")
        await page.goto(f"{SITE}/book/late#late")
        assert await arrive(page) is True
        assert await page.evaluate(MARKED) == "This text is drawn late."
        await page.evaluate(AT_REST)
        assert await page.evaluate(IN_SIGHT)


async def test_a_quote_that_never_appears_does_not_move_the_page(page: Page) -> None:
    await hand_over(page, f"{PAGE}#zmp", "Words that never come.")
    assert await arrive(page) is False
    assert await page.evaluate("scrollY") == 0


async def test_a_stored_quote_that_is_old_or_broken_is_dropped(page: Page) -> None:
    await hand_over(page, PAGE, FALLS)
    await page.evaluate(
        "now => { Date.now = () => now; }", await page.evaluate("Date.now() + 31000")
    )
    assert await arrive(page) is False
    assert await page.evaluate("sessionStorage.length") == 0
    for broken in ("{", "7", "null", '{"url": 7}', '{"url": "' + PAGE + '", "at": 1e99}'):
        await page.evaluate("text => sessionStorage.setItem('scholiast:arrival', text)", broken)
        assert await arrive(page) is False


async def test_without_storage_nothing_breaks(page: Page) -> None:
    broken = "new Proxy({}, { get() { throw new Error('forbidden'); } })"
    for storage in ("null", broken):
        await page.evaluate(f"reading.handOver({{ url: location.href, quote: 'x' }}, {storage})")
        assert await page.evaluate(f"reading.arrive({storage})") is False


async def lead(page: Page, quote: str, anchor: str) -> None:
    """Follow a citation on the page, and wait until all is still."""
    await page.evaluate(
        "([url, quote]) => reading.leadTo({ url, quote })", [f"{PAGE}{anchor}", quote]
    )
    await page.evaluate(AT_REST)


async def hand_over(page: Page, url: str, quote: str) -> None:
    """Store a quote for another page."""
    script = "([url, quote]) => reading.handOver({ url, quote }, sessionStorage)"
    await page.evaluate(script, [url, quote])


async def arrive(page: Page) -> Any:
    """Whether the page leads to a quote."""
    return await page.evaluate("reading.arrive(sessionStorage)")


@pytest.mark.parametrize(("shown", "stored"), [("NFD", "NFC"), ("NFC", "NFD"), ("NFD", "NFD")])
async def test_a_quote_is_found_however_its_accents_are_stored(
    page: Page, shown: Any, stored: Any
) -> None:
    text = "Não é tão fácil: über 한국어 und Việt Nam, déjà vu."
    write = "text => { document.querySelector('article p').textContent = text; }"
    await page.evaluate(write, normalize(shown, f"Á é. {text} É ó."))
    assert await found(page, normalize(stored, text)) == normalize(shown, text)
    assert await found(page, normalize(stored, "über 한국어 und Việt")) == normalize(
        shown, "über 한국어 und Việt"
    )
