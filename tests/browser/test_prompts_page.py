"""/prompts: an author edits a prompt in the browser, tries it, and saves it."""

from __future__ import annotations

import json
import re
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
SELECTED = "({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd)"


class Bench:
    """The page, as an author sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.text = page.get_by_label("Text", exact=True)
        self.state = page.locator("#state")
        self.problem = page.locator("#problem")
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


async def run_both_versions(bench_: Bench) -> None:
    """Both answer with citations, and each sentence of the draft's has its proof."""
    await bench_.press("Run both versions")
    await bench_.ended()
    assert re.search(r"\[\d\]", await bench_.saved.locator(".answer").inner_text())
    sentence = bench_.draft.locator(".answer a").first
    await sentence.focus()
    proof = await bench_.page.locator("#proof").inner_text()
    assert re.match(r"\[\d\] “.+” \(.+\)|The book does not support", proof)
    assert proof.splitlines()[0] in await bench_.draft.locator(".proofs").inner_text()


async def test_an_author_edits_checks_runs_and_saves_a_prompt(
    example: WebSettings, tmp_path: Path
) -> None:
    async with bench(example, tmp_path) as (bench_, folder):
        token = read_token(example.data) or ""
        file = folder / "answer.md"
        await bench_.sign_in("wrong")
        await expect(bench_.page.get_by_text("This is not, or no longer")).to_be_visible()
        await bench_.sign_in(token)
        await expect(bench_.text).to_have_value(ANSWER)
        assert token not in bench_.page.url

        await bench_.text.fill(ANSWER.replace("{{ question }}", "{{ quest }}"))
        await bench_.press("Save to the file")
        await expect(bench_.problem).to_contain_text("was not saved")
        await bench_.press("Line")
        assert "{{ quest }}" in await bench_.text.evaluate(SELECTED)
        assert file.read_text(encoding="utf-8") == ANSWER

        await bench_.text.fill(SILENT)
        await expect(bench_.state).to_contain_text("Unsaved edits")
        await bench_.page.get_by_label("What a reader asks").fill(ZMP)
        await bench_.press("Preview the messages")
        roles = bench_.page.locator("#roles")
        await expect(roles).to_contain_text('<data-source number="1"')
        await expect(roles).to_contain_text(f"The reader asks: {ZMP}")

        await run_both_versions(bench_)
        file.write_text(f"{ANSWER}\nBe kind.\n", encoding="utf-8")  # somebody else
        await bench_.press("Save to the file")
        await expect(bench_.problem).to_contain_text("saved by somebody else")
        await expect(bench_.text).to_have_value(SILENT)
        await expect(bench_.page.locator("#newer")).to_contain_text("Be kind.")
        await bench_.press("Save mine over")
        await expect(bench_.state).to_contain_text("Saved.")
        assert file.read_text(encoding="utf-8") == SILENT
        refusals = ("401", "409", "422")
        said = [c for c in bench_.complaints if not any(f"status of {n}" in c for n in refusals)]
        assert said == []


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
