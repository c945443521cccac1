"""/prompts: an author edits a prompt in the browser, tries it, and saves it."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from chains.prompts.prompt_file import FOLDER
from quart_app.authors.token import read_token
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import DESKTOP, PHONE, browser_page
from tests.support.heeding_model import HeedingModel

ANSWER = (FOLDER / "answer.md").read_text(encoding="utf-8")
SILENT = "\n".join(line for line in ANSWER.split("\n") if "the number of" not in line)
ZMP = "What is the zero moment point?"
WHOLE_PAGE = """async () => {
    const { violations } = await axe.run(document);
    return violations.map(v => [v.id, v.nodes.map(n => [n.html, n.failureSummary])]);
}"""


class Bench:
    """The page, as an author sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.text = page.get_by_label("Text", exact=True)
        self.saved, self.draft = page.locator("#saved"), page.locator("#draft")

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name).click()

    async def sign_in(self, token: str) -> None:
        await self.page.get_by_label("Author's token").fill(token)
        await self.press("Sign in")

    async def ended(self) -> None:
        for side in (self.saved, self.draft):
            await expect(side.locator("> .hint")).to_contain_text("not supported")


@asynccontextmanager
async def bench(
    example: WebSettings, tmp_path: Path, **options: Any
) -> AsyncIterator[tuple[Bench, Path]]:
    """The page of a server whose model heeds its prompts, and the folder of these."""
    folder = tmp_path / "prompts"
    shutil.copytree(FOLDER, folder)
    async with HeedingModel() as endpoint:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url, "prompts": folder}
        async with (
            serving(example.model_copy(update=model)) as url,
            browser_page(**options) as page,
        ):
            opened = Bench(page)
            await page.goto(f"{url}prompts")
            yield opened, folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_set_is_run_with_totals_and_axe_finds_no_problem(
    example: WebSettings, tmp_path: Path, axe: str, scheme: str
) -> None:
    device = DESKTOP if scheme == "light" else PHONE
    rows = [
        {"id": "1", "query": ZMP},
        {"id": "2", "query": "Who won the football cup?", "refuse": True},
    ]
    questions = tmp_path / "set.jsonl"
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    async with bench(example, tmp_path, **device, color_scheme=scheme) as (bench_, _):
        page = bench_.page
        await page.evaluate(axe)
        assert await page.evaluate(WHOLE_PAGE) == []
        await bench_.sign_in(read_token(example.data) or "")
        await bench_.text.fill(f"{ANSWER}{{{{ answer }}}}")
        await bench_.press("Check")
        await expect(page.locator("#findings .error")).to_have_count(1)
        assert await page.evaluate(WHOLE_PAGE) == []
        await bench_.text.fill(SILENT)
        await bench_.press("Preview the messages")
        await expect(page.locator("#messages")).to_be_visible()
        broken = {"name": "b.jsonl", "mimeType": "", "buffer": b'{"query": "a"}\n{"id"'}
        await page.get_by_label("File with questions").set_input_files(broken)  # type: ignore[arg-type]
        await expect(page.locator("#set-problem")).to_contain_text("b.jsonl, line 2")
        await page.get_by_label("File with questions").set_input_files(questions)
        await bench_.press("Run the set")
        await expect(page.locator("#set-state")).to_have_text("2 of 2 questions asked.")
        totals = page.locator("#totals tr")
        await expect(totals.filter(has_text="Answered")).to_contain_text("1 of 2")
        await expect(totals.filter(has_text="as the set expects")).to_contain_text("1 of 1")
        await page.get_by_role("button", name=ZMP).click()
        await bench_.ended()
        width = "document.documentElement.scrollWidth <= innerWidth"
        assert await page.evaluate(f"() => {width}")
        assert await page.evaluate(WHOLE_PAGE) == []
