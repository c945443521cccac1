"""A prompt that is edited while the server runs, as questions and probes see it."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from pathlib import Path

from chains.events import Finish
from chains.prompts.prompt_file import FOLDER
from chains.question import Question
from quart_app import create_app
from quart_app.services import Services, open_services
from quart_app.settings import WebSettings

ZMP = Question("What is the zero moment point?")


async def version_of_an_answer(services: Services) -> str:
    events = [event async for event in services.answers.tutor.astream(ZMP)]
    assert isinstance(events[-1], Finish)
    return events[-1].prompt.version


async def test_answers_name_the_version_in_use_and_probes_are_warned(
    example: WebSettings, tmp_path: Path
) -> None:
    folder = tmp_path / "prompts"
    shutil.copytree(FOLDER, folder)
    file = folder / "answer.md"
    text = file.read_text(encoding="utf-8")
    async with open_services(example.model_copy(update={"prompts": folder})) as services:
        first = await version_of_an_answer(services)
        file.write_text(text.replace("max_words: 64", "max_words: 8"), encoding="utf-8")
        second = await version_of_an_answer(services)
        assert second != first
        app = create_app(lambda: nullcontext(services))
        async with app.test_app():
            client = app.test_client()
            assert "warnings" not in await (await client.get("/readyz")).get_json()
            file.write_text(text.replace("max_words: 64", "max_word: 8"), encoding="utf-8")
            ready = await client.get("/readyz")
            assert ready.status_code == 200
            (warning,) = (await ready.get_json())["warnings"]
        assert f"version {second} stays in use" in warning
        assert await version_of_an_answer(services) == second


async def test_an_answer_names_the_version_that_it_began_with(
    example: WebSettings, tmp_path: Path
) -> None:
    folder = tmp_path / "prompts"
    shutil.copytree(FOLDER, folder)
    file = folder / "answer.md"
    async with open_services(example.model_copy(update={"prompts": folder})) as services:
        tutor = services.answers.tutor
        before = tutor.basis().prompt.version
        events = tutor.astream(ZMP)
        await anext(events)
        file.write_text(file.read_text(encoding="utf-8") + "\nBe brief.", encoding="utf-8")
        last = [event async for event in events][-1]
        assert isinstance(last, Finish)
        assert last.prompt.version == before != tutor.basis().prompt.version
