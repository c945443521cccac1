"""A challenge of the operator's own: the example of the docs, and one that fails."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from chains.errors import SettingError
from quart_app.door import challenge as challenge_module
from quart_app.door.challenge import load_challenge
from quart_app.door.refusals import LINES
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.commands import ROOT, run
from tests.support.talking import receive

EXAMPLE = re.compile(r"```python\n(.*?async def check.*?)```", re.DOTALL)
FAILING = """
import asyncio
import contextlib
import sys

async def fail(scope, receive, send):
    raise ValueError("wrong")

async def hang(scope, receive, send):
    await asyncio.Event().wait()

async def give_way(scope, receive, send):
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return

async def try_again(scope, receive, send):
    for _ in range(2):
        try:
            await asyncio.Event().wait()
        except BaseException:
            pass

async def leave(scope, receive, send):
    sys.exit(2)

async def cancel(scope, receive, send):
    raise asyncio.CancelledError

tasks = set()

async def answer_later(scope, receive, send):
    tasks.add(asyncio.create_task(answer_late(scope, receive, send)))

async def answer_late(scope, receive, send):
    await asyncio.sleep(0)
    if scope["type"] == "http":
        with contextlib.suppress(RuntimeError):
            await send({"type": "http.response.start", "status": 403, "headers": []})

async def page(scope, receive, send):
    if scope["path"] == "/human":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"Are you one?"})

async def close(scope, receive, send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})

NUMBER = 1
"""
BROKEN = {
    "broken": "1 / 0",
    "lacking": "import asyncio\nimport no_such_module",
    "asking": "import asyncio\nasyncio.no_such_name",
    "odd": "import asyncio\ndef (",
    "leaving": "import sys\nsys.exit('gone')",
}


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules to name in the setting."""
    text = (ROOT / "docs" / "operating.md").read_text("utf-8")
    (example,) = EXAMPLE.findall(text)
    (tmp_path / "docs_challenge.py").write_text(example, "utf-8")
    (tmp_path / "failing_challenge.py").write_text(FAILING, "utf-8")
    for name, text in BROKEN.items():
        (tmp_path / f"{name}_challenge.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)


@asynccontextmanager
async def challenged(example: WebSettings, name: str) -> AsyncIterator[str]:
    async with serving(example.model_copy(update={"challenge": name})) as url:
        yield url


async def handshake(url: str, cookie: str | None = None) -> str:
    """The type of the first message, or the status of the refusal and what it says."""
    address = url.replace("http", "ws", 1) + "ws/chat"
    headers = {} if cookie is None else {"Cookie": cookie}
    try:
        async with connect(address, additional_headers=headers) as socket:
            return str((await receive(socket))["type"])
    except InvalidStatus as refused:
        return f"{refused.response.status_code} {refused.response.body.decode()}"


@pytest.mark.usefixtures("modules")
async def test_the_example_of_the_docs_lets_in_who_has_the_cookie(example: WebSettings) -> None:
    async with challenged(example, "docs_challenge:check") as url, httpx2.AsyncClient() as http:
        assert (await http.get(url)).status_code == 200
        assert await handshake(url) == "403 Sign in first.\n"
        assert await handshake(url, "pass=guessed") == "403 Sign in first.\n"
        passed = 'a=1; pass="what your site writes into the cookie"'
        assert await handshake(url, passed) == "welcome"


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize("name", ["docs_challenge:check", "failing_challenge:close"])
async def test_whom_a_challenge_turns_away_is_a_line_and_is_counted(
    example: WebSettings, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    LINES.forget()
    token = "a token of sixteen characters"
    settings = example.model_copy(update={"challenge": name, "metrics_token": SecretStr(token)})
    async with serving(settings) as url, httpx2.AsyncClient() as http:
        assert (await handshake(url)).startswith("403 ")
        shown = await http.get(f"{url}metrics", headers={"Authorization": f"Bearer {token}"})
    [line] = [each for each in caplog.messages if each.startswith("refused a ")]
    assert line.startswith("refused a socket with 403: ")
    assert "SCHOLIAST_CHALLENGE" in line
    assert 'scholiast_refused_connections_total{status="403"} 1.0' in shown.text


@pytest.mark.usefixtures("modules")
async def test_the_command_line_is_told_of_the_challenge(
    example: WebSettings, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOLIAST_DATA", str(example.data))
    async with challenged(example, "docs_challenge:check"):
        result = await asyncio.to_thread(run, "ask", "What is an IMU?")
    assert result.exit_code == 1
    assert "with 403, as a challenge (SCHOLIAST_CHALLENGE) does" in result.stderr
    assert "secure" not in result.stderr


@pytest.mark.usefixtures("modules")
async def test_what_a_challenge_answers_itself_goes_to_the_client(example: WebSettings) -> None:
    async with (
        challenged(example, "failing_challenge:page") as url,
        httpx2.AsyncClient() as http,
    ):
        assert (await http.get(f"{url}human")).text == "Are you one?"
        assert (await http.get(f"{url}inhuman")).status_code == 404
        assert await handshake(url) == "welcome"


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize("fault", ["fail", "hang", "give_way", "try_again", "leave", "cancel"])
async def test_a_challenge_that_fails_or_hangs_lets_nobody_in(
    example: WebSettings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    monkeypatch.setattr(challenge_module, "TIMEOUT", 0.05)
    monkeypatch.setattr(challenge_module, "PAUSE", 0.05)
    async with (
        challenged(example, f"failing_challenge:{fault}") as url,
        httpx2.AsyncClient() as http,
    ):
        assert (await handshake(url)).startswith("503 The check of this server does not answer.")
        assert (await http.get(url)).status_code == 503
        assert (await http.get(f"{url}readyz")).status_code == 200
    assert "SCHOLIAST_CHALLENGE failed" in caplog.text


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("no_such_module:check", "no module no_such_module; let PYTHONPATH have its folder"),
        ("failing_challenge.no:check", "no module failing_challenge.no; let PYTHONPATH"),
        ("failing_challenge:nobody", "failing_challenge has no nobody; name what stands in it"),
        ("failing_challenge:NUMBER", "NUMBER is no callable; write it as package.module:callable"),
        ("failing_challenge", "is no callable; write it as package.module:callable"),
        ("failing_challenge.fail", "is no callable; write it as package.module:callable"),
        ("no_such_module", "write it as package.module:callable"),
        ("a b:c", "write it as package.module:callable"),
        ("a:b:c", "write it as package.module:callable"),
        ("\x00:check", "write it as package.module:callable"),
        ("broken_challenge:check", r"ZeroDivisionError, line 1 of .*broken_challenge\.py"),
        ("lacking_challenge:check", r"ModuleNotFoundError, line 2 of .*lacking_challenge\.py"),
        ("asking_challenge:check", r"AttributeError, line 2 of .*asking_challenge\.py"),
        ("odd_challenge:check", r"SyntaxError, line 2 of .*odd_challenge\.py"),
        ("leaving_challenge:check", r"SystemExit, line 2 of .*leaving_challenge\.py"),
        ("", "SCHOLIAST_CHALLENGE: write it as package.module:callable"),
    ],
)
def test_a_challenge_that_cannot_be_had_is_named_with_its_fix(name: str, problem: str) -> None:
    with pytest.raises(SettingError, match=problem) as raised:
        load_challenge(name)
    said = str(raised.value)
    assert "\n" not in said
    assert not [word for word in ("No module named", "attribute", "division") if word in said]


@pytest.mark.usefixtures("modules")
async def test_a_challenge_that_answers_after_it_has_returned_spoils_no_answer(
    example: WebSettings,
) -> None:
    async with (
        challenged(example, "failing_challenge:answer_later") as url,
        httpx2.AsyncClient() as http,
    ):
        page = await http.get(url)
    assert page.status_code == 200
    assert page.text.rstrip().endswith("</html>")
