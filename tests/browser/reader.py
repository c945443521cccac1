"""A reader in front of any browser engine."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from tests.browser.browsing import MARKED
from tests.browser.engines import Engine

ROOT = "document.querySelector('scholiast-tutor')?.shadowRoot"
NOTE = f"[...{ROOT}?.querySelectorAll('.note') ?? []].at(-1)"
SPOT = f"""const {{ left, top, width, height }} =
    {ROOT}.querySelector(arguments[0]).getBoundingClientRect();
return [left + width / 2, top + height / 2];"""


class Reader:
    """Someone in front of a browser, who sees the tutor."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def sees(self, part: str, text: str = "") -> None:
        """Wait until a part of the tutor is visible, and has this text in it."""
        shown = f"[...{ROOT}?.querySelectorAll(arguments[0]) ?? []].at(-1)"
        visible = f"{shown}?.checkVisibility() && {shown}.textContent.includes(arguments[1])"
        await self.engine.until(visible, part, text)

    async def clicks(self, part: str) -> None:
        """Click on a part of the tutor."""
        await self.sees(part)
        spot, before = await self.engine.run(SPOT, part), None
        while spot != before:  # it moves
            spot, before = await self.engine.run(SPOT, part), spot
        await self.engine.drag(spot, spot)

    async def writes(self, question: str) -> None:
        """Ask, with the focus in the field."""
        await self.engine.until(f"{ROOT}.activeElement?.matches('textarea')")
        await self.engine.write(question)
        await self.engine.press("Enter")

    async def finishes(self, text: str) -> None:
        """Wait for the end of the newest answer, which has this text."""
        await self.engine.until(f"{NOTE}?.ariaBusy === 'false'")
        await self.sees(".note:last-child .prose", text)

    async def asks_and_follows(self, question: str, words: str) -> None:
        """Ask, and follow the first citation: on this site, to the heading that it names, with
        these words marked below it. The conversation comes along.
        """
        await self.clicks(".launcher")
        await self.writes(question)
        await self.sees(".note h3", question)
        await self.finishes(words)
        link = f"{NOTE}.querySelector('.sources a')?.href"
        address = urlsplit(await self.engine.until(link))
        assert f"{address.scheme}://{address.netloc}" == await self.engine.run("return origin")
        await self.clicks(".note .cite")
        is_there = "location.pathname.replace(/[/]$/, '') === arguments[0]"  # hosts add a slash
        await self.engine.until(is_there, address.path.rstrip("/"))
        assert words in await self.engine.until(f"({MARKED})()")
        heading = "document.getElementById(arguments[0]).getBoundingClientRect()"
        is_in_sight = f"{heading}.top >= 0 && {heading}.bottom <= innerHeight"
        await self.engine.until(is_in_sight, unquote(address.fragment))
        await self.sees(".note h3", question)
