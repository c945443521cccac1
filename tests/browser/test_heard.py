"""What a screen reader gets, by the accessibility tree of Chromium."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from quart_app.settings import WebSettings
from tests.browser.test_everyone import reading
from tests.support.scripted_openai import HANG, Step

ZMP = "What is the zero moment point?"


async def live_regions(page: Page) -> dict[str, tuple[str, str]]:
    """How politely each live region of the page speaks, and its text, by its role."""
    session = await page.context.new_cdp_session(page)
    nodes = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    await session.detach()
    by_id = {node["nodeId"]: node for node in nodes}

    def text_of(node: dict[str, Any]) -> str:
        if node["role"]["value"] == "StaticText":
            return str(node["name"]["value"])
        inner = (text_of(by_id[one]) for one in node.get("childIds", []) if one in by_id)
        return " ".join(" ".join(inner).split())

    regions = {}
    for node in nodes:
        live = [
            one["value"]["value"] for one in node.get("properties", []) if one["name"] == "live"
        ]
        role = str(node["role"]["value"])
        if live and role in ("log", "status", "alert"):
            regions[role] = (live[0], text_of(node))
    return regions


async def hears(page: Page, role: str, text: str) -> str:
    """What a polite region of this role has, as soon as the text is in it."""
    regions: dict[str, tuple[str, str]] = {}
    for _ in range(300):
        regions = await live_regions(page)
        politeness, said = regions.get(role, ("", ""))
        if text in said:
            assert politeness == "polite"
            return said
        await page.wait_for_timeout(100)
    raise AssertionError(f"{text!r} is not in {regions}")


async def test_answers_and_the_connection_are_in_live_regions(example: WebSettings) -> None:
    scripts: list[list[Step]] = [["It is a **point** [1]. It moves. And", HANG], ["Again."]]
    async with reading(example, *scripts) as (page, tutor, _):
        await tutor.ask(ZMP)
        heard = await hears(page, "log", "It moves.")
        assert "And" not in heard  # half a sentence
        await tutor.root.get_by_role("button", name="Stop").click()
        await hears(page, "log", "Stopped.")

        await page.context.set_offline(True)
        await tutor.ask(ZMP)
        await hears(page, "status", "The tutor cannot be reached.")
        await page.context.set_offline(False)
        await hears(page, "log", "Again.")
        await hears(page, "log", "The answer is complete.")
