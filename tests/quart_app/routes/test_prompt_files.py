"""/api/prompts: who may call it, what is checked and shown, and what a save refuses."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from quart.typing import TestClientProtocol as Client

from chains.prompts.prompt_file import FOLDER
from quart_app import create_app
from quart_app.services import open_services
from quart_app.settings import WebSettings

ANSWER = (FOLDER / "answer.md").read_text(encoding="utf-8")
BRIEF = ANSWER.replace("Begin with the answer.", "Answer in one sentence.")
PATIENCE = 10.0
ZMP = "What is the zero moment point?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "prompts")
    return tmp_path / "prompts"


class Author:
    """Calls /api/prompts with a token."""

    def __init__(self, client: Client, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    async def call(self, method: str, path: str = "", **body: Any) -> tuple[int, Any]:
        address = f"/api/prompts{path}"
        answer = await self.client.open(address, method=method, headers=self.headers, json=body)
        return answer.status_code, await answer.get_json()

    async def save(self, text: str, file_version: str) -> tuple[int, Any]:
        return await self.call("PUT", "/answer", text=text, file_version=file_version)


@pytest.fixture
async def author(example: WebSettings, folder: Path) -> AsyncIterator[Author]:
    settings = example.model_copy(update={"prompts": folder, "prompt_variants": {"answer"}})
    async with open_services(settings) as services:
        app = create_app(lambda: nullcontext(services))
        async with app.test_app():
            yield Author(app.test_client(), services.ingest_token)


async def test_only_who_has_the_token_sees_or_changes_prompts(author: Author, folder: Path) -> None:
    calls = [("GET", ""), ("GET", "/answer"), ("POST", "/answer/check"),
             ("POST", "/answer/preview"), ("PUT", "/answer")]  # fmt: skip
    token = author.headers["Authorization"].removeprefix("Bearer ")
    for given in ("", "Bearer", "Bearer wrong", f"Basic {token}", token):
        author.headers = {"Authorization": given}
        for method, path in calls:
            status, said = await author.call(method, path, text="x", file_version="x")
            assert status == 401
            assert "ingest.token" in said["error"]
    assert (folder / "answer.md").read_text(encoding="utf-8") == ANSWER


async def test_saves_with_wrong_tokens_are_limited(author: Author) -> None:
    author.headers = {"Authorization": "Bearer wrong"}
    statuses: list[int] = []
    while len(statuses) < 200 and 429 not in statuses:  # a slow machine gets some back meanwhile
        statuses.append((await author.save("x", "x"))[0])
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {401}
    assert len(statuses) > 20


async def test_prompts_are_listed_with_what_is_wrong_with_them(
    author: Author, folder: Path
) -> None:
    (folder / "broken.md").write_text("no front matter", encoding="utf-8")
    status, said = await author.call("GET")
    assert status == 200
    assert said["model"] == {"name": "quotes", "heeds_prompts": False}
    by_name = {one["name"]: one for one in said["prompts"]}
    assert by_name["answer"]["in_use"]
    assert by_name["answer"]["answers"]
    assert not by_name["condense"]["answers"]
    assert "line 1: no front matter" in by_name["broken"]["problem"]
    assert not by_name["broken"]["in_use"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such pipes")
async def test_a_pipe_in_the_folder_is_named_and_not_waited_for(
    author: Author, folder: Path
) -> None:
    os.mkfifo(folder / "pipe.md")
    (folder / "device.md").symlink_to("/dev/zero")
    os.mkfifo(folder / "parts" / "pipe.md")
    included = ANSWER.replace("user:\n", 'user:\n{% include "parts/pipe.md" %}\n')
    (folder / "including.md").write_text(included, encoding="utf-8")
    async with asyncio.timeout(PATIENCE):
        status, said = await author.call("GET")
    problems = {one["name"]: one["problem"] for one in said["prompts"]}
    assert status == 200
    for name in ("pipe", "device", "including"):
        assert "is a pipe or a device, and no text" in problems[name]


async def test_a_draft_is_checked_with_its_lines_and_nothing_is_written(
    author: Author, folder: Path
) -> None:
    draft = ANSWER.replace("{{ question }}", "{{ quest }}")
    status, said = await author.call("POST", "/answer/check", text=draft)
    assert (status, said["version"]) == (200, None)
    (finding,) = said["findings"]
    line = 1 + draft[: draft.index("{{ quest }}")].count("\n")
    assert (finding["file"], finding["line"], finding["level"]) == ("answer.md", line, "error")
    assert "quest" in finding["message"]
    assert finding["fix"]
    assert (folder / "answer.md").read_text(encoding="utf-8") == ANSWER
    _, said = await author.call("POST", "/answer/check", text=BRIEF)
    assert said["version"]
    assert [finding["level"] for finding in said["findings"]] == ["note"]  # the model is quotes


async def test_a_draft_is_previewed_with_what_the_book_has_on_the_question(
    author: Author,
) -> None:
    status, said = await author.call("POST", "/answer/preview", text=BRIEF, question=ZMP)
    assert status == 200
    system, *_, user = said["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert "Answer in one sentence." in system["parts"][0]["text"]
    fences = [part["name"] for part in user["parts"] if part["is_data"]]
    assert fences[0] == "source [1]"
    assert said["sizes"][-1][0] == "all"
    assert said["about_tokens"] == "Tokens are an estimate, 4 characters each."
    status, said = await author.call("POST", "/answer/preview", text=ANSWER)
    assert "Why does the ZMP" in said["messages"][-1]["parts"][-1]["text"]  # its example


async def test_a_preview_that_cannot_be_made_says_why(author: Author) -> None:
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"question": " "}, 422, "empty"),
        ({"question": "x" * 1001}, 422, "at most 1000"),
        ({"question": "Who won the football cup?"}, 422, "does not seem to cover"),
        ({"text": "no prompt"}, 422, "no front matter"),
        ({"tone": 1}, 422, "The body is not"),
        ({"text": "\0" * 70_000}, 413, "64 KB"),
    ]
    for body, status, error in cases:
        got, said = await author.call("POST", "/answer/preview", **body)
        assert got == status
        assert error in said["error"]


async def test_a_save_is_in_the_file_and_keeps_its_line_ends(author: Author, folder: Path) -> None:
    file = folder / "answer.md"
    file.write_bytes(ANSWER.replace("\n", "\r\n").encode())
    _, read = await author.call("GET", "/answer")
    assert read["text"] == ANSWER
    status, saved = await author.save(BRIEF, read["file_version"])
    assert status == 200
    assert file.read_bytes() == BRIEF.replace("\n", "\r\n").encode()
    assert (await author.save(ANSWER, saved["file_version"]))[0] == 200
    there = sorted(path.name for path in folder.iterdir())
    assert there == sorted(path.name for path in FOLDER.iterdir())


async def test_of_two_people_who_save_at_once_the_second_is_shown_the_text_of_the_first(
    author: Author, folder: Path
) -> None:
    _, read = await author.call("GET", "/answer")
    other = BRIEF.replace("one sentence", "two sentences")
    saves = [author.save(text, read["file_version"]) for text in (BRIEF, other)]
    results = await asyncio.gather(*saves)
    assert sorted(status for status, _ in results) == [200, 409]
    (refused,) = (said for status, said in results if status == 409)
    assert "saved by somebody else" in refused["error"]
    written = (folder / "answer.md").read_text(encoding="utf-8")
    assert refused["newer"]["text"] == written
    assert (await author.save(other, refused["newer"]["file_version"]))[0] == 200


async def test_a_prompt_with_an_error_is_not_saved(author: Author, folder: Path) -> None:
    _, read = await author.call("GET", "/answer")
    status, said = await author.save(ANSWER.replace("user:\n", ""), read["file_version"])
    assert status == 422
    assert said["findings"][0]["line"] > 1
    assert "takes no text" in said["findings"][0]["message"]
    assert (folder / "answer.md").read_text(encoding="utf-8") == ANSWER


async def test_a_folder_that_vanishes_or_cannot_be_written_is_named(
    author: Author, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, read = await author.call("GET", "/answer")

    def refuse(*_: object) -> bool:
        return False

    with monkeypatch.context() as patch:  # root, as in a container, may write what is read-only
        patch.setattr("os.access", refuse)
        status, said = await author.save(BRIEF, read["file_version"])
    assert status == 403
    assert "answer.md cannot be written (it is read-only)" in said["error"]
    assert (folder / "answer.md").read_text(encoding="utf-8") == ANSWER
    shutil.rmtree(folder)
    status, said = await author.save(BRIEF, read["file_version"])
    assert status == 404
    assert f"there is no prompt “answer” in {folder}" in said["error"]
    assert (await author.call("GET"))[1]["prompts"] == []


async def test_no_file_but_a_prompt_of_the_folder_is_read(author: Author) -> None:
    for name in ("..%2Fanswer", "none", "a b", "%00", "x" * 101):
        address = f"/api/prompts/{name}"
        answer = await author.client.get(address, headers=author.headers)
        assert answer.status_code == 404
