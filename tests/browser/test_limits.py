"""The server sets the limits of a question."""

from __future__ import annotations

import json

from playwright.async_api import WebSocketRoute, expect

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import Tutor, browser_page, select_sentence

LIMITS = {"question_length": 30, "selections": 1, "selection_length": 10}


def strict(socket: WebSocketRoute) -> None:
    """Pass everything on, with other limits in the welcome."""
    server = socket.connect_to_server()

    def on_message(text: str | bytes) -> None:
        message = json.loads(text)
        if message["type"] == "welcome":
            limits = [{"name": name, "limit": limit} for name, limit in LIMITS.items()]
            message["data"]["limits"] = limits
        socket.send(json.dumps(message))

    server.on_message(on_message)


async def test_the_form_counts_by_the_limits_that_the_server_names(example: WebSettings) -> None:
    async with serving(example) as url, browser_page() as page:
        await page.route_web_socket("**/ws/chat", strict)
        tutor = Tutor(page)
        await page.goto(f"{url}book/motion/balance")
        counter = tutor.root.locator(".counter")
        await tutor.field.fill("What is the zero moment point?")
        await expect(counter).to_be_empty()
        await page.keyboard.press("Enter")
        await tutor.finished()

        await tutor.field.fill("What is the zero moment point, and why?")
        await expect(counter).to_have_text("9 characters too many")
        await tutor.field.fill("")
        selected = await select_sentence(page, "The zero moment point (ZMP)")
        await tutor.offer.click()
        await expect(tutor.chips).to_have_text([selected[:10].strip()])
        await expect(counter).to_contain_text("first 10 characters")
        await select_sentence(page, "An ankle moves the CoP")
        await tutor.offer.click()
        await expect(tutor.chips).to_have_count(1)
        await expect(counter).to_contain_text("only 1 selection to")
