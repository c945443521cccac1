"""Pages that do to their elements, styles and objects what a guest would rather not have."""

from __future__ import annotations

from playwright.async_api import expect

from quart_app.settings import WebSettings
from tests.browser.browsing import Tutor, violations
from tests.browser.test_guest import PLAIN, visiting

SCRIPT = '<script async src="{url}widget.js"></script>'
ZMP = "What is the zero moment point?"


async def answers(tutor: Tutor) -> None:
    """Ask, and see an answer with its sources."""
    await tutor.ask(ZMP)
    await tutor.finished()
    await expect(tutor.answer).not_to_be_empty()
    await expect(tutor.note.locator(".sources a").first).to_be_visible()


def page_with(script: str) -> str:
    """A page that runs a script before everything else."""
    return PLAIN.replace("<body>", f"<body><script>{script}</script>")


async def test_a_page_that_wraps_what_elements_can_do(example: WebSettings) -> None:
    body = page_with("""
        for (const name of ["append", "closest", "matches", "remove", "setAttribute"]) {
            const own = Element.prototype[name];
            Element.prototype[name] = function () { return own.apply(this, arguments); };
        }
        Element.prototype.hide = function () { this.style.display = "none"; };
        Object.prototype.extend = function () {};
        Array.prototype.last = function () { return this[this.length - 1]; };
        customElements.define = () => { throw new Error("not on this page"); };
    """)
    async with visiting(example, body=body) as (_, tutor, _, _):
        await answers(tutor)
        assert await tutor.answer.locator("[extend]").count() == 0
        assert tutor.complaints == []


async def test_a_page_with_frozen_prototypes(example: WebSettings) -> None:
    body = page_with("""
        for (const one of [Object, Array, Function, Promise, String, Element, Node, Event])
            Object.freeze(one.prototype);
    """)
    async with visiting(example, body=body) as (_, tutor, _, _):
        await answers(tutor)
        assert tutor.complaints == []


async def test_styles_for_everything_do_not_reach_the_tutor(example: WebSettings, axe: str) -> None:
    async with visiting(example) as (_, tutor, _, _):
        await tutor.launcher.click()
        await tutor.risen()
        before = await tutor.panel.bounding_box()
    styles = """<style>
        * { all: unset !important; }
        * { color: gold !important; background: gold !important; letter-spacing: 9px !important;
            text-transform: uppercase !important; line-height: 4 !important;
            text-align: end !important; word-spacing: 2em !important; white-space: pre !important;
            font: 40px fantasy !important; visibility: visible !important; }
    </style>"""
    body = PLAIN.replace("<body>", f"<body>{styles}")
    async with visiting(example, body=body) as (page, tutor, _, _):
        await tutor.launcher.click()
        await tutor.risen()
        look = await tutor.panel.evaluate("""panel => {
            const { color, letterSpacing, textTransform, wordSpacing, whiteSpace, fontFamily }
                = getComputedStyle(panel);
            return { color, letterSpacing, textTransform, wordSpacing, whiteSpace, fontFamily };
        }""")
        assert look == {
            "color": "rgb(29, 36, 39)",
            "letterSpacing": "normal",
            "textTransform": "none",
            "wordSpacing": "0px",
            "whiteSpace": "normal",
            "fontFamily": "system-ui, sans-serif",
        }
        assert (box := await tutor.panel.bounding_box())
        assert before
        assert box["x"] + box["width"] <= 1280
        assert box["y"] + box["height"] <= 800
        await page.evaluate(axe)
        assert await violations(page) == []


async def test_two_script_tags_make_one_tutor(example: WebSettings) -> None:
    async with visiting(example, script=SCRIPT + SCRIPT) as (page, tutor, _, _):
        await page.wait_for_load_state()
        await expect(tutor.root).to_have_count(1)
        await answers(tutor)
        assert len([one for one in tutor.sent if one["type"] == "question"]) == 1
        assert tutor.complaints == []


async def test_a_script_tag_in_the_shadow_of_another_element(example: WebSettings) -> None:
    script = """<div id="other"></div><script>
        const script = document.createElement("script");
        script.src = "{url}widget.js";
        document.querySelector("#other").attachShadow({{ mode: "closed" }}).append(script);
    </script>"""
    async with visiting(example, script=script) as (_, tutor, _, _):
        await answers(tutor)
        assert tutor.complaints == []
