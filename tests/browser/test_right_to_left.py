"""Arabic and what is written from right to left is as usable as English."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from quart_app.settings import WebSettings
from tests.browser.browsing import DESKTOP, PHONE, REPORTS, violations
from tests.browser.test_everyone import reading

ZMP = "What is the zero moment point?"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_axe_finds_no_problem_from_right_to_left(
    example: WebSettings, axe: str, device: dict[str, Any], scheme: str
) -> None:
    async with reading(example, **device, color_scheme=scheme) as (page, tutor, _):
        await page.evaluate(axe)
        await tutor.undock()
        await tutor.root.evaluate("tutor => tutor.setAttribute('lang', 'ar')")
        await expect(tutor.root.locator(".tutor")).to_have_attribute("dir", "rtl")
        tutor.field = tutor.root.locator("textarea")
        assert await violations(page) == []
        await tutor.ask(ZMP)
        await tutor.finished()
        await tutor.risen()
        await expect(tutor.answer.locator("math")).to_have_count(1)
        assert await violations(page) == []
        await tutor.root.locator(".cite").first.focus()
        assert await violations(page) == []
        name = "phone" if device is PHONE else "desktop"
        REPORTS.mkdir(exist_ok=True)
        await page.screenshot(path=REPORTS / f"arabic-{name}-{scheme}.png")
