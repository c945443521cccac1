"""Typing, and a wide answer on a page from right to left, in three engines."""

from __future__ import annotations

import pytest

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import Site
from tests.browser.engines import ENGINES
from tests.browser.reader import NOTE, ROOT, Reader
from tests.browser.test_engines import ZMP
from tests.support.scripted_openai import ScriptedOpenAI

TYPED = "".join(map(chr, range(ord("!"), 0x7F)))
"""All that a keyboard has."""
ANSWER = """A robot has wheels of cheese, and no book says so.

1. Then a list:
   - with a very_long_name_of_a_function_that_somebody_has_written_without_any_blank_in_it
     > and a quote, ` code `, مرحبا بالعالم (a+b) and Donaudampfschifffahrtselektrizitätenhaupt
     >
     > | wide | table |
     > |------|------:|
     > | aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | 1 |

```
a line of code that is as long as no panel is wide, since nobody has thought of a phone
```
"""
PAGE = """<!doctype html><html lang="ar" dir="rtl"><main>Text.</main><script>
window.taken = [];
for (const type of ["keydown", "keypress", "keyup"])
    for (const capture of [true, false])
        document.addEventListener(type, ({{ key }}) => window.taken.push(key), {{ capture }});
</script><script async src="{url}widget.js"></script>"""


@pytest.mark.parametrize("name", ENGINES)
async def test_all_that_is_typed_arrives_and_a_wide_answer_makes_nothing_wider(
    example: WebSettings, name: str
) -> None:
    async with ScriptedOpenAI([ANSWER]) as endpoint, ENGINES[name]() as engine:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url}
        with Site() as site:
            allowed = {"allowed_origins": {site.origin}}
            async with serving(example.model_copy(update=model | allowed)) as url:
                site.body = PAGE.format(url=url)
                reader = Reader(engine)
                await engine.size(900, 700)
                await engine.open(site.origin)
                await reader.clicks(".launcher")
                await reader.writes(TYPED)
                await reader.sees(".note h3", TYPED)
                assert await engine.run("return window.taken") == []
                await engine.until(f"{NOTE}.ariaBusy === 'false'")
                await reader.writes(ZMP)
                await reader.finishes("no book says so")
                line = f"getComputedStyle({ROOT}.querySelector('.unfound'))"
                looks = f"return [{line}.textDecorationLine, {line}.textDecorationStyle]"
                assert await engine.run(looks) == ["underline", "dotted"]
                log = f"{ROOT}.querySelector('.log')"
                wide, room = await engine.run(f"return [{log}.scrollWidth, {log}.clientWidth]")
                assert wide == room
