"""What is read of a page when its reader selects something, and when that is reported."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.browsing import PHONE
from tests.browser.reading_page import SITE, reading, select, text_of, text_within

CODE = """\
def step(state):
    if state < 0:
        return None  # it fell

    return state + 1"""
REPORTS = "JSON.stringify(reading.reports)"


@pytest.fixture
async def docusaurus() -> AsyncIterator[Page]:
    """A page like those of Docusaurus."""
    async with reading("docusaurus") as page:
        yield page


@pytest.fixture
async def plain() -> AsyncIterator[Page]:
    """A page without a main text, as Sphinx and older generators write them."""
    async with reading("plain") as page:
        yield page


async def test_blocks_are_lines_and_blanks_are_one(docusaurus: Page) -> None:
    found = await select(docusaurus, "robot", "moves while")
    assert found["selection"]["text"] == (
        "robot stands if its weight falls within its feet; see\u00a0Fig. 1. A robot on one foot\n"
        "The zero moment point\n"
        "The zero moment point $x_{z}$ moves while"
    )
    assert found["selection"]["page"] == f"{SITE}/book/docusaurus"
    assert found["isCut"] is False


async def test_the_anchor_is_the_nearest_heading_at_or_above(docusaurus: Page, plain: Page) -> None:
    anchors = {
        ("if its weight", "falls within"): None,  # the title has no id
        ("The zero moment point@1", "The zero moment point@1"): "zmp",
        ("Here the", "stays"): "zmp",
        ("Below", "the code."): "code",
        ("Walk", "1.4"): "gaits",
    }
    for (start, end), anchor in anchors.items():
        found = await select(docusaurus, start, end)
        assert found["selection"].get("anchor") == anchor
    assert (await select(plain, "First", "sentence"))["selection"]["anchor"] == "of-the-book"
    assert (await select(plain, "let a", "1;"))["selection"]["anchor"] == "listing"


async def test_formulas_are_their_tex(docusaurus: Page) -> None:
    assert await text_of(docusaurus, "from the equation", "Here") == (
        "from the equation below.\n$$x_{z} = x - \\frac{h}{g} \\ddot{x}$$\nHere"
    )


async def test_a_partly_selected_formula_is_taken_whole(docusaurus: Page) -> None:
    script = """() => {
        const glyph = document.querySelector(".katex-html .mtight").firstChild;
        const range = reading.rangeOf("The zero moment point@1", "moves");
        range.setEnd(glyph, 1);
        const ends = reading.selectionOf(range).text;
        range.setEnd(...(({ endContainer, endOffset }) => [endContainer, endOffset])(
            reading.rangeOf("moves", "moves")));
        range.setStart(glyph, 0);
        const starts = reading.selectionOf(range).text;
        range.setEnd(glyph, 1);
        return [ends, starts, reading.selectionOf(range).text];
    }"""
    assert await docusaurus.evaluate(script) == [
        "The zero moment point $x_{z}$",
        "$x_{z}$ moves",
        "$x_{z}$",
    ]


async def test_formulas_of_mathjax_and_mathml() -> None:
    async with reading("mathjax") as page:
        assert await text_within(page, "#two") == "By MathJax 2: $a^2$ is a square."
        assert await text_within(page, "#two-display") == "$$\\frac{b}{c}$$"
        assert await text_within(page, "#three") == (
            "By MathJax 3: $x^2$ is known to MathJax alone."
        )
        assert await text_within(page, "#four") == (
            "By MathJax 4:\n$$\\frac{d}{e}$$\nis a fraction."
        )
        assert await text_within(page, "#mathml") == (
            "By MathML: $\\sqrt{f}$,\n$$g_1$$\nand h+1 end it."
        )


async def test_code_keeps_its_lines_and_indentation(docusaurus: Page, plain: Page) -> None:
    assert await text_of(docusaurus, "def", "1@1") == CODE
    assert await text_of(docusaurus, "if@2", "Below") == (CODE[CODE.index("if") :] + "\nBelow")
    assert await text_within(docusaurus, ".prism-code .token-line:nth-child(3)") == (
        "        return None  # it fell"
    )
    assert await text_within(plain, "#numbered") == "let a = 1;\n  let b = 2;"
    assert await text_within(plain, "#listing") == (
        "Listing\nfn main() {\n    println();\n}\nlet a = 1;\n  let b = 2;"
    )


async def test_tables_are_rows_of_cells(docusaurus: Page) -> None:
    assert await text_of(docusaurus, "Gaits", "two@1") == (
        "Gaits\n | Speed | Feet down\nWalk | 1.4 m/s | one or two\n"
        "Run |  | none or one\nStand | 0 m/s | two"
    )
    assert await text_of(docusaurus, "m/s", "Run") == "m/s | one or two\nRun"
    assert await text_of(docusaurus, "1.4", "m/s") == "1.4 m/s"


async def test_items_of_lists_are_lines(docusaurus: Page) -> None:
    assert await text_of(docusaurus, "Bend the", "Set it") == (
        "Bend the knees first.\nLift one foot.\nSwing it:\nnot too fast,\nnot too far.\nSet it"
    )


async def test_controls_and_what_is_hidden_are_left_out(plain: Page, docusaurus: Page) -> None:
    assert await text_within(plain, "#fields") == "Write or here ."
    assert await text_within(plain, "#one") == (
        "First paragraph, one sentence. Second ones follow."
    )
    assert await text_of(docusaurus, "The Python", "Filler paragraph 0") == (
        "The Python tab is open at first.\nFiller paragraph 0"
    )


async def test_a_long_selection_is_cut_between_code_points(plain: Page) -> None:
    lengths = """size => {
        const text = document.createTextNode("😀".repeat(size));
        document.querySelector("#two").replaceChildren(text);
        getSelection().selectAllChildren(document.querySelector("#two"));
        const { selection, isCut, range } = reading.read();
        return [[...selection.text].length, selection.text.isWellFormed(), isCut, range.endOffset];
    }"""
    assert await plain.evaluate(lengths, 2000) == [2000, True, False, 4000]
    assert await plain.evaluate(lengths, 2001) == [2000, True, True, 4000]


async def test_the_range_is_that_of_the_text(docusaurus: Page) -> None:
    script = """() => {
        const [start, end] = ["first", "zmp"].map((id) => document.getElementById(id));
        getSelection().setBaseAndExtent(start.firstChild, 1, end, 0);
        const { startOffset, endContainer, endOffset } = reading.read().range;
        return [startOffset, endContainer.childNodes[endOffset - 1].localName];
    }"""
    assert await docusaurus.evaluate(script) == [2, "img"]


async def test_nothing_is_read_from_fields_and_the_host(plain: Page) -> None:
    assert await select(plain, "edit", "me") is None
    await plain.locator("textarea").first.select_text()
    assert await plain.evaluate("reading.read()") is None
    await select(plain, "First", "sentence")
    await plain.locator("reader-host textarea").focus()
    assert await plain.evaluate("reading.read()") is None
    assert await plain.evaluate("getSelection().removeAllRanges(), reading.read()") is None


async def test_a_selection_by_mouse_is_reported_when_the_button_goes_up(docusaurus: Page) -> None:
    await docusaurus.evaluate("reading.watch()")
    box = await docusaurus.locator("#first em").bounding_box()
    assert box
    await docusaurus.mouse.move(box["x"] + 1, box["y"] + 8)
    await docusaurus.mouse.down()
    await docusaurus.mouse.move(box["x"] + box["width"] + 1, box["y"] + 8, steps=4)
    await docusaurus.wait_for_timeout(400)
    assert await docusaurus.evaluate(REPORTS) == "[]"
    await docusaurus.mouse.up()
    await docusaurus.wait_for_function("reading.reports.length")
    assert await reports(docusaurus) == [{"text": "stands", "by": "mouse"}]
    await docusaurus.mouse.click(box["x"] + 1, box["y"] + 8)
    await docusaurus.wait_for_function("reading.reports.length == 2")
    await docusaurus.wait_for_timeout(400)
    assert (await reports(docusaurus))[1:] == [{"text": None, "by": "mouse"}]


async def test_two_clicks_take_a_word_and_three_a_paragraph(docusaurus: Page) -> None:
    await docusaurus.evaluate("reading.watch()")
    await docusaurus.locator("#first em").dblclick()
    await docusaurus.wait_for_function("reading.reports.length")
    await docusaurus.get_by_text("It follows from").click(click_count=3)
    await docusaurus.wait_for_function("reading.reports.at(-1).text?.startsWith('It follows')")
    texts = [one["text"] for one in await reports(docusaurus)]
    # Its range ends in the formula below, of which nothing is selected.
    assert (texts[0], texts[-1]) == ("stands", "It follows from the equation below.")


async def test_the_same_words_selected_again_are_reported_again(docusaurus: Page) -> None:
    await docusaurus.evaluate("reading.watch()")
    box = await docusaurus.locator("#first em").bounding_box()
    assert box
    for times in (1, 2):
        await docusaurus.mouse.move(box["x"] + box["width"] + 1, box["y"] + 8)
        await docusaurus.mouse.down()
        await docusaurus.mouse.move(box["x"] + 1, box["y"] + 8, steps=4)
        await docusaurus.mouse.up()
        await docusaurus.wait_for_function(f"reading.reports.length >= {times}")
        await docusaurus.wait_for_timeout(400)
        assert [one["text"] for one in await reports(docusaurus)] == ["stands"] * times


async def test_a_selection_by_keys_is_reported_after_a_pause(docusaurus: Page) -> None:
    await docusaurus.evaluate("reading.watch()")
    await docusaurus.keyboard.press("Control+a")
    await docusaurus.wait_for_function("reading.reports.length")
    (first,) = await reports(docusaurus)
    assert first["by"] == "keyboard"
    assert 1990 < len(first["text"]) <= 2000
    await select(docusaurus, "sta", "st")
    for _ in range(4):
        await docusaurus.keyboard.press("Shift+ArrowRight")
    await docusaurus.wait_for_function("reading.reports.at(-1).text == 'stands'")
    assert (await reports(docusaurus))[-1] == {"text": "stands", "by": "keyboard"}
    assert len(await reports(docusaurus)) <= 3  # and not once a key


async def test_a_selection_by_touch_is_reported_after_a_pause() -> None:
    async with reading("docusaurus", **PHONE) as page:
        await page.evaluate("reading.watch()")
        # Long presses and handles are the system's; a page sees a finger, then a selection.
        await page.locator("#first").dispatch_event(
            "pointerdown", {"pointerType": "touch", "bubbles": True}
        )
        await page.locator("#first").dispatch_event(
            "pointercancel", {"pointerType": "touch", "bubbles": True}
        )
        # All in the page: its timers keep their order, however busy the machine is.
        await page.evaluate(
            """async () => {
                for (const end of ["robot", "stands", "if its weight"]) {
                    reading.select("robot", end);
                    await new Promise((go) => setTimeout(go, 60));
                }
            }"""
        )
        await page.wait_for_function("reading.reports.length")
        assert await reports(page) == [{"text": "robot stands if its weight", "by": "touch"}]


async def test_selections_in_fields_and_the_host_are_not_reported(plain: Page) -> None:
    await plain.evaluate("reading.watch()")
    await select(plain, "First", "sentence")
    await plain.wait_for_function("reading.reports.length")
    for field in ("textarea", "reader-host textarea"):
        await plain.locator(field).first.click()
        await plain.keyboard.type("some words")
        await plain.keyboard.press("Control+a")
        await plain.wait_for_timeout(400)
    host = await plain.locator("reader-host").bounding_box()
    assert host
    await plain.mouse.dblclick(host["x"] + host["width"] - 20, host["y"] + host["height"] - 10)
    await plain.wait_for_timeout(400)
    assert [one["text"] for one in await reports(plain)] == ["First paragraph, one sentence"]


async def test_nothing_is_reported_after_the_watch_ends(plain: Page) -> None:
    await plain.evaluate("reading.watch(), reading.unwatch()")
    await select(plain, "First", "sentence")
    await plain.wait_for_timeout(400)
    assert await reports(plain) == []
    await expect(plain.locator("reader-host")).to_have_count(1)


async def reports(page: Page) -> list[dict[str, Any]]:
    """What was reported so far: each text, null for none, and by what it was selected."""
    events: list[dict[str, Any]] = await page.evaluate("reading.reports")
    return events
