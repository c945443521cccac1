"""What proves an answer: each citation leads to its sentence, and what has none is underlined."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, expect

from chains.events import Proof, Source
from quart_app.settings import WebSettings
from tests.browser.browsing import (
    DESKTOP,
    MARKED,
    PHONE,
    REPORTS,
    Tutor,
    browser_page,
    rested,
    violations,
)
from tests.support.proving import Said, Saying, proving
from tests.support.scripted_tutor import ScriptedTutor

QUESTION = "How does a robot stay upright?"
ZMP = Source(
    1, f"chunk_{1:032x}", "03-motion/01-balance.mdx", "Balance", "Balance > The zero moment point",
    "The zero moment point", "/book/motion/balance#zmp", "The zero moment point (ZMP) is the point",
)  # fmt: skip
WALKING = Source(
    2, f"chunk_{2:032x}", "03-motion/02-walking.mdx", "Walking",
    "Walking > Walking as an inverted pendulum", "Walking as an inverted pendulum",
    "/book/motion/walking#pendulum-gait", "In single support the body vaults",
)  # fmt: skip
LIPM = Source(
    3, f"chunk_{3:032x}", "03-motion/01-balance.mdx", "Balance",
    "Balance > The linear inverted pendulum", "The linear inverted pendulum",
    "/book/motion/balance#lipm", "The linear inverted pendulum model (LIPM) is a point mass",
)  # fmt: skip
SAME = (
    "While the feet stand firmly on level ground, the zero moment point and the center of pressure "
    "are the same point."
)
FEASIBLE = (
    "A planned motion is feasible on flat ground if its zero moment point stays inside the support "
    "polygon at every instant."
)
VAULTS = "In single support the body vaults over the foot like the pendulum of the LIPM."
GROWS = (
    "With $z = 0.90$ m, $\\omega = 3.30$ per second, and so a small error grows by a factor of "
    "$e = 2.72$ every 0.30 s."
)
PROVEN: list[Said] = [
    ("On level ground the **zero moment point** is where the ground pushes.", [Proof(1, SAME)]),
    ("A plan must keep it in the *support polygon*.", [Proof(1, FEASIBLE)]),
    ("On one foot a body is a pendulum.", [Proof(2, VAULTS)]),
    ("Its errors grow by $e$ in 0.3 s.", [Proof(3, GROWS), Proof(1, SAME)]),
]
UNFOUND: list[Said] = [
    ("Most robots are made in *Antarctica*, at `90 S`.", []),
    ("They like to dance.", []),
]


@asynccontextmanager
async def reading(
    example: WebSettings, **options: Any
) -> AsyncIterator[tuple[Page, Tutor, ScriptedTutor]]:
    async with proving(example) as (url, scripted), browser_page(**options) as page:
        tutor = Tutor(page)
        await page.goto(f"{url}book/motion/balance")
        yield page, tutor, scripted


async def marks(page: Page, sentence: str) -> None:
    """Wait until this sentence is marked, and nothing else."""
    letters = "".join(filter(str.isalnum, sentence))
    marked = ""
    for _ in range(100):
        marked = "".join(filter(str.isalnum, await page.evaluate(MARKED)))
        if marked == letters or ("$" in sentence and marked.startswith(letters[:4])):
            return
        await page.wait_for_timeout(100)
    raise AssertionError(f"marked: {marked}")


async def test_each_citation_leads_to_the_very_sentence_that_proves_its_own(
    example: WebSettings,
) -> None:
    async with reading(example) as (page, tutor, scripted):
        answer = Saying(scripted, [ZMP, WALKING, LIPM])
        answer.say(*PROVEN)
        answer.finish()
        await tutor.ask(QUESTION)
        await tutor.finished()
        buttons = tutor.answer.get_by_role("button", name="Source")
        proofs = [proof for _, several in PROVEN for proof in several]
        await expect(buttons).to_have_text([str(proof.source) for proof in proofs])
        for number, proof in enumerate(proofs):
            await buttons.nth(number).hover()
            card = tutor.root.locator(".card blockquote")
            await expect(card).to_have_text(proof.sentence)
            await buttons.nth(number).click()
            await page.wait_for_url(f"**{(ZMP, WALKING, LIPM)[proof.source - 1].url}")
            await marks(page, proof.sentence)
            await expect(buttons).to_have_count(len(proofs))
        await rested(page)
        REPORTS.mkdir(exist_ok=True)
        await page.screenshot(path=REPORTS / "proof.png")
        (*_, last) = await tutor.events("citation")
        assert last["sentence"] == SAME
        await tutor.note.locator(".sources a").first.click()  # a source as a whole
        await marks(page, ZMP.quote)
        assert tutor.complaints == []


async def test_without_its_sentence_a_citation_leads_to_the_quote_of_its_source(
    example: WebSettings,
) -> None:
    async with reading(example) as (page, tutor, scripted):
        answer = Saying(scripted, [ZMP])
        answer.say(("It balances.", [Proof(1, "These words are nowhere in this book.")]))
        answer.finish()
        await tutor.ask(QUESTION)
        await tutor.finished()
        await tutor.citation.click()
        await marks(page, ZMP.quote)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_what_is_not_in_the_book_is_underlined_for_every_reader(
    example: WebSettings, axe: str, device: dict[str, Any], scheme: str
) -> None:
    async with reading(example, **device, color_scheme=scheme) as (page, tutor, scripted):
        await page.evaluate(axe)
        answer = Saying(scripted, [ZMP, WALKING, LIPM])
        answer.say(PROVEN[0], *UNFOUND, *PROVEN[1:])
        answer.finish()
        await tutor.ask(QUESTION)
        await tutor.finished()
        await tutor.risen()
        heard = await tutor.answer.aria_snapshot()
        assert heard.count("(Not found in the book)") == 2
        assert "They like to dance. (Not found in the book)" in heard
        spans = tutor.answer.locator(".unfound")
        shown = "".join(await spans.evaluate_all("all => all.map((one) => one.firstChild.data)"))
        assert shown == "Most robots are made in Antarctica, at 90 S.They like to dance."
        await expect(spans.first).to_have_attribute("title", "Not found in the book")
        said = "Not found in the book: 2 sentences, with a dotted line below."
        await expect(tutor.state).to_contain_text(said)
        await expect(tutor.root.locator("[role=log]")).to_contain_text(said)
        await rested(page)
        REPORTS.mkdir(exist_ok=True)
        name = "phone" if device is PHONE else "desktop"
        await page.screenshot(path=REPORTS / f"unfound-{name}-{scheme}.png")
        assert await violations(page) == []


async def test_marks_and_proofs_outlive_a_reload_another_page_and_a_stop(
    example: WebSettings,
) -> None:
    async with reading(example) as (page, tutor, scripted):
        answer = Saying(scripted, [ZMP, WALKING, LIPM])
        answer.say(UNFOUND[0], PROVEN[1])
        await tutor.ask(QUESTION)
        unseen = tutor.answer.locator(".unfound .unseen")
        await expect(unseen).to_have_count(1)
        await page.reload()
        await expect(unseen).to_have_count(1)
        answer.say(UNFOUND[1])
        await expect(unseen).to_have_count(2)
        await page.get_by_role("link", name="Walking").first.click()
        await page.wait_for_url("**/walking")
        await expect(unseen).to_have_count(2)
        answer.say(("They are never tired.", []), PROVEN[2])
        await expect(unseen).to_have_count(3)
        await tutor.root.get_by_role("button", name="Stop").click()
        await tutor.finished()
        await expect(tutor.state).to_contain_text("3 sentences")
        await page.reload()
        await expect(unseen).to_have_count(3)
        await tutor.answer.get_by_role("button", name="Source").last.click()
        await marks(page, VAULTS)
        await tutor.citation.click()
        await page.wait_for_url(f"**{ZMP.url}")
        await marks(page, FEASIBLE)
        assert tutor.complaints == []
