"""What is typed in the tutor stays there, whatever shortcuts the page has."""

from __future__ import annotations

from itertools import product

import pytest
from playwright.async_api import expect

from quart_app.settings import WebSettings
from tests.browser.browsing import select_sentence
from tests.browser.test_guest import PLAIN, visiting

TYPED = "what is s/f?"
PAGE = PLAIN.replace(
    "<main>",
    """<input id="search"><main><script>
    window.taken = [];
    const take = (listener) => (event) => {
        if (window.careful && (/INPUT|TEXTAREA/.test(event.target.tagName)
            || event.target.isContentEditable)) return;
        window.taken.push(listener);
        event.preventDefault();
        document.querySelector("#search").focus();
    };
    for (const type of ["keydown", "keypress", "keyup"])
        for (const where of ["document", "window"])
            for (const phase of ["capture", "bubble"])
                window[where].addEventListener(
                    type, (event) => `${type} ${where} ${phase}` === window.listener
                        && take(window.listener)(event), phase === "capture");
    </script>""",
)
"""Twelve listeners that take keys, of which one at a time is awake. A careful one leaves those that
are typed into a field."""
LISTENERS = [
    " ".join(names)
    for names in product(
        ("keydown", "keypress", "keyup"), ("document", "window"), ("capture", "bubble")
    )
]
FIRST = [name for name in LISTENERS if name.endswith("window capture")]
"""Nothing comes before these: the tutor can only ask them to be careful."""


@pytest.mark.parametrize("is_careful", [True, False], ids=["careful pages", "careless pages"])
async def test_what_is_typed_reaches_no_shortcut_of_the_page(
    example: WebSettings, is_careful: bool
) -> None:
    async with visiting(example, body=PAGE) as (page, tutor, _, _):
        await tutor.launcher.click()
        for listener in LISTENERS if is_careful else [n for n in LISTENERS if n not in FIRST]:
            await page.evaluate(
                "([listener, careful]) => Object.assign(window, { listener, careful })",
                [listener, is_careful],
            )
            await tutor.field.fill("")
            await page.keyboard.type(TYPED)
            await page.keyboard.press("ArrowLeft")
            await page.keyboard.type("!")
            await expect(tutor.field).to_have_value("what is s/f!?")
            assert await page.evaluate("window.taken") == [], listener
        await page.evaluate("document.querySelector('scholiast-tutor').close()")
        await page.evaluate("window.listener = 'keydown document bubble'")
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("s")  # on the page itself
        assert await page.evaluate("window.taken") == ["keydown document bubble"]


async def test_keys_still_do_in_the_tutor_what_they_do(example: WebSettings) -> None:
    async with visiting(example, body=PAGE) as (page, tutor, _, _):
        await tutor.launcher.press("Enter")
        await page.keyboard.type("one")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("two")
        await expect(tutor.field).to_have_value("one\ntwo")
        await page.keyboard.press("Enter")
        await expect(tutor.note.get_by_role("heading")).to_have_text("one\ntwo")
        await page.keyboard.press("Escape")
        await expect(tutor.panel).to_be_hidden()


async def test_a_shortcut_opens_the_tutor_and_leads_back(example: WebSettings) -> None:
    script = '<a href="#top" accesskey="{key}">Up</a><script async src="{url}widget.js"></script>'
    async with visiting(example, script=script.replace("{key}", "q")) as (page, tutor, _, _):
        link = page.get_by_role("link", name="Up")
        await link.focus()
        await page.keyboard.press("Alt+a")
        await expect(tutor.field).to_be_focused()
        await page.keyboard.press("Alt+a")
        await expect(tutor.panel).to_be_hidden()
        await expect(link).to_be_focused()
    async with visiting(example, script=script.replace("{key}", "a")) as (page, tutor, _, _):
        await page.keyboard.press("Alt+a")  # it is the page's
        await expect(tutor.panel).to_be_hidden()


async def test_the_tutor_is_the_first_in_the_order_of_tab(example: WebSettings) -> None:
    async with visiting(example, body=PAGE) as (page, tutor, _, _):
        await page.keyboard.press("Tab")
        await expect(tutor.launcher).to_be_focused()


@pytest.mark.parametrize("where", ["launcher", "offer"])
async def test_keys_on_buttons_of_the_tutor_reach_no_shortcut_of_the_page(
    example: WebSettings, where: str
) -> None:
    async with visiting(example, body=PAGE) as (page, tutor, _, _):
        if where == "offer":
            await select_sentence(page, "The zero", "main")
        button = tutor.offer if where == "offer" else tutor.launcher
        for listener in (name for name in LISTENERS if name not in FIRST):
            await page.evaluate("listener => Object.assign(window, { listener })", listener)
            await button.focus()
            await page.keyboard.press("s")
            await expect(button).to_be_focused()
            assert await page.evaluate("window.taken") == [], listener


async def test_enter_ends_a_composition_and_asks_nothing(example: WebSettings) -> None:
    async with visiting(example, body=PAGE) as (page, tutor, _, _):
        await tutor.launcher.click()
        await page.evaluate("window.listener = 'keydown document capture'")
        keyboard = await page.context.new_cdp_session(page)
        composed = {"text": "ロボ", "selectionStart": 2, "selectionEnd": 2}
        await keyboard.send("Input.imeSetComposition", composed)
        await expect(tutor.field).to_have_value("ロボ")
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
        await keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", **enter})
        await keyboard.send("Input.insertText", {"text": "ロボット"})
        await expect(tutor.field).to_have_value("ロボット")
        await expect(tutor.notes).to_have_count(0)
        await page.keyboard.press("Enter")
        await expect(tutor.note.get_by_role("heading")).to_have_text("ロボット")
        assert await page.evaluate("window.taken") == []
