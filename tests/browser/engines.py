"""Three browser engines behind one small interface: what a reader's hands and eyes can do.

Chromium is driven by Playwright. Firefox speaks WebDriver BiDi, and WebKit WebDriver; both take the
same mouse and keys (https://www.w3.org/TR/webdriver2/#actions), so that a few lines drive each.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import tempfile
from abc import ABC, abstractmethod
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
from playwright.async_api import Error, Page
from websockets.asyncio.client import ClientConnection, connect

from tests.browser.browsing import browser_page
from tests.support.programs import find_program

PATIENCE = 60.0
"""Seconds that a browser may take to start, or a page to look as it should."""
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Alt": "\ue00a"}
MINI_BROWSER = "webkit2gtk-4.*/MiniBrowser"
Point = Sequence[float]
ATTEMPTS = 3  # WebKit's driver does not wait long for a browser on a busy machine


class Engine(ABC):
    """A window with one page."""

    @abstractmethod
    async def open(self, url: str) -> None:
        """Go to a page, and wait until it has loaded."""

    @abstractmethod
    async def tab(self) -> Engine:
        """Another tab beside this one, in front of it."""

    @abstractmethod
    async def run(self, body: str, *values: object) -> Any:
        """What the body of a JavaScript function returns; its arguments are `values`.

        It awaits nothing: WebKit waits for good for what a page that is left has promised.
        """

    @abstractmethod
    async def size(self, width: int, height: int) -> None:
        """Make the page this large, in pixels."""

    @abstractmethod
    async def drag(self, start: Point, end: Point) -> None:
        """Press the button of the mouse at one place, and release it at another."""

    @abstractmethod
    async def press(self, *keys: str) -> None:
        """Press keys together: letters, or names from `KEYS`."""

    async def write(self, text: str) -> None:
        """Press one key after the other."""
        for letter in text:
            await self.press(letter)

    async def until(self, condition: str, *values: object) -> Any:
        """What a JavaScript expression gives, as soon as that is true."""
        last: object = None
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    try:
                        last = await self.run(f"return {condition}", *values)
                    except (AssertionError, Error) as error:  # one page makes way for another
                        last = error
                    else:
                        if last:
                            return last
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"still {last!r}: {condition}") from None


class Chromium(Engine):
    """Chromium, by Playwright."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def open(self, url: str) -> None:
        """Go to a page."""
        await self._page.goto(url)

    async def tab(self) -> Engine:
        """Open a page in the same context."""
        return Chromium(await self._page.context.new_page())

    async def run(self, body: str, *values: object) -> Any:
        """Run JavaScript."""
        return await self._page.evaluate(f"(values) => {_function(body)}(...values)", values)

    async def size(self, width: int, height: int) -> None:
        """Set the size of the viewport."""
        await self._page.set_viewport_size({"width": width, "height": height})

    async def drag(self, start: Point, end: Point) -> None:
        """Use the mouse."""
        await self._page.mouse.move(*start)
        await self._page.mouse.down()
        await self._page.mouse.move(*end, steps=4)
        await self._page.mouse.up()

    async def press(self, *keys: str) -> None:
        """Use the keyboard."""
        await self._page.keyboard.press("+".join(keys))


class Wired(Engine):
    """An engine that takes the actions of WebDriver."""

    @abstractmethod
    async def act(self, source: dict[str, Any]) -> None:
        """Perform the actions of one source of input."""

    async def drag(self, start: Point, end: Point) -> None:
        """Use the mouse."""
        middle = [(a + b) / 2 for a, b in zip(start, end, strict=True)]
        first, half, last = (
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 20}
            for x, y in (start, middle, end)
        )
        down, up = ({"type": f"pointer{way}", "button": 0} for way in ("Down", "Up"))
        await self.act({"type": "pointer", "id": "mouse", "actions": [first, down, half, last, up]})

    async def press(self, *keys: str) -> None:
        """Use the keyboard."""
        values = [KEYS.get(key, key) for key in keys]
        down = [{"type": "keyDown", "value": value} for value in values]
        up = [{"type": "keyUp", "value": value} for value in reversed(values)]
        await self.act({"type": "key", "id": "keys", "actions": down + up})


class Firefox(Wired):
    """Firefox, by WebDriver BiDi: https://w3c.github.io/webdriver-bidi/."""

    def __init__(self, connection: ClientConnection, ids: Iterator[int] | None = None) -> None:
        self._connection = connection
        self._ids = ids or count()
        self._context: dict[str, Any] = {}

    async def start(self) -> None:
        """Take the first tab."""
        await self._send("session.new", capabilities={})
        tree = await self._send("browsingContext.getTree")
        self._context = {"context": tree["contexts"][0]["context"]}

    async def open(self, url: str) -> None:
        """Go to a page."""
        await self._send("browsingContext.navigate", url=url, wait="complete", **self._context)

    async def tab(self) -> Engine:
        """Open a tab in the same window."""
        other = Firefox(self._connection, self._ids)
        made = await self._send("browsingContext.create", type="tab")
        other._context = {"context": made["context"]}
        return other

    async def run(self, body: str, *values: object) -> Any:
        """Run JavaScript."""
        answered = await self._send(
            "script.callFunction",
            functionDeclaration=f"(values) => JSON.stringify("
            f"{_function(body)}(...JSON.parse(values)) ?? null)",
            arguments=[{"type": "string", "value": json.dumps(values)}],
            awaitPromise=False,
            target=self._context,
        )
        assert answered["type"] == "success", answered
        return json.loads(answered["result"]["value"])

    async def size(self, width: int, height: int) -> None:
        """Set the size of the viewport."""
        view = {"width": width, "height": height}
        await self._send("browsingContext.setViewport", viewport=view, **self._context)

    async def act(self, source: dict[str, Any]) -> None:
        """Perform actions."""
        await self._send("input.performActions", actions=[source], **self._context)

    async def _send(self, method: str, **params: Any) -> Any:
        number = next(self._ids)
        await self._connection.send(json.dumps({"id": number, "method": method, "params": params}))
        async with asyncio.timeout(PATIENCE):
            while (reply := json.loads(await self._connection.recv())).get("id") != number:
                pass  # an event
        assert reply["type"] == "success", reply
        return reply["result"]


class WebKit(Wired):
    """WebKitGTK, by WebDriver."""

    def __init__(self, http: httpx2.AsyncClient, session: str, tab: str = "") -> None:
        self._http = http
        self._session = session
        self._tab = tab  # once there are several

    async def open(self, url: str) -> None:
        """Go to a page."""
        await self._post("url", url=url)

    async def tab(self) -> Engine:
        """Open a tab in the same window."""
        self._tab = (await self._do("GET", "window"))["value"]
        made = (await self._post("window/new", type="tab"))["handle"]
        return WebKit(self._http, self._session, made)

    async def run(self, body: str, *values: object) -> Any:
        """Run JavaScript."""
        script = f"return {_function(body)}(...arguments)"
        return await self._post("execute/sync", script=script, args=values)

    async def size(self, width: int, height: int) -> None:
        """Set the size of the window so that the page has this one."""
        frame = "return [outerWidth - innerWidth, outerHeight - innerHeight]"
        wide, high = await self.run(frame)
        await self._post("window/rect", width=width + wide, height=height + high)

    async def act(self, source: dict[str, Any]) -> None:
        """Perform actions."""
        await self._post("actions", actions=[source])

    async def _post(self, command: str, **params: Any) -> Any:
        if self._tab:
            await self._do("POST", "window", handle=self._tab)
        return (await self._do("POST", command, **params))["value"]

    async def _do(self, method: str, command: str, **params: Any) -> Any:
        body = params if method == "POST" else None
        reply = await self._http.request(method, f"/session/{self._session}/{command}", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()


@asynccontextmanager
async def chromium() -> AsyncIterator[Engine]:
    """A window of Chromium."""
    async with browser_page() as page:
        yield Chromium(page)


@asynccontextmanager
async def firefox() -> AsyncIterator[Engine]:
    """A window of Firefox ESR."""
    program = find_program("firefox-esr")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = ("--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", profile)
        async with (
            _running(program, *flags, HOME=profile, MOZ_DISABLE_CONTENT_SANDBOX="1") as firefox,
            connect(
                f"{await firefox.prints(r'BiDi listening on (ws://.+)')}/session",
                max_size=None,
                proxy=None,
                open_timeout=PATIENCE,
                ping_interval=None,  # a busy machine answers late
            ) as connection,
        ):
            engine = Firefox(connection)
            await engine.start()
            yield engine


@asynccontextmanager
async def webkit() -> AsyncIterator[Engine]:
    """A window of WebKitGTK's MiniBrowser, on a display of its own."""
    driver = find_program("webkit2gtk-driver", "WebKitWebDriver")
    display = find_program("xvfb", "Xvfb")
    folders = ("/usr/lib", "/usr/libexec")
    found = [one for folder in folders for one in Path(folder).glob(f"**/{MINI_BROWSER}")]
    assert found, "webkit2gtk-driver brings MiniBrowser, which is not there"
    screen = ("-screen", "0", "1400x1000x24", "-displayfd", "1", "-nolisten", "tcp")
    async with AsyncExitStack() as stack:
        shown = await stack.enter_async_context(_running(display, *screen))
        number = await shown.prints(r"^(\d+)$")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                opened = _driven(driver, str(found[0]), display=f":{number}")
                engine = await stack.enter_async_context(opened)
            except (AssertionError, httpx2.HTTPError):
                if attempt == ATTEMPTS:
                    raise
            else:
                yield engine
                return


@asynccontextmanager
async def _driven(driver: str, browser: str, display: str) -> AsyncIterator[Engine]:
    port = _free_port()
    environment = {
        "DISPLAY": display,
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
    }
    options = {"binary": browser, "args": ["--automation"]}
    capabilities = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
    where = (f"--port={port}", "--host=127.0.0.1")
    async with (
        _running(driver, *where, **environment) as running,
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as http,
    ):
        await running.listens(port)
        reply = await http.post("/session", json={"capabilities": capabilities})
        assert reply.status_code == 200, reply.text
        session = reply.json()["value"]["sessionId"]
        try:
            yield WebKit(http, session)
        finally:
            with suppress(httpx2.HTTPError):
                await http.delete(f"/session/{session}")


class _Program:
    """A program that runs, and what it has printed."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._lines: asyncio.Queue[str] = asyncio.Queue()

    async def read(self) -> None:
        """Read all it prints, or it would wait for a reader."""
        assert self._process.stdout
        while line := await self._process.stdout.readline():
            self._lines.put_nowait(line.decode(errors="replace").rstrip())

    async def prints(self, pattern: str) -> str:
        """What it says about itself when it is ready."""
        async with asyncio.timeout(PATIENCE):
            while not (found := re.search(pattern, await self._lines.get())):
                pass
        return found[1]

    async def listens(self, port: int) -> None:
        """Wait until it takes connections at a port."""
        async with asyncio.timeout(PATIENCE):
            while True:
                assert self._process.returncode is None, "the driver has ended"
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                await asyncio.sleep(0.05)

    def end(self) -> None:
        """End it, and what it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


@asynccontextmanager
async def _running(command: str, *flags: str, **variables: str) -> AsyncIterator[_Program]:
    process = await asyncio.create_subprocess_exec(
        command,
        *flags,
        stdout=PIPE,
        stderr=STDOUT,
        stdin=DEVNULL,
        env=os.environ | variables,
        start_new_session=True,
    )
    program = _Program(process)
    reading = asyncio.create_task(program.read())
    try:
        yield program
    finally:
        program.end()
        await process.wait()
        reading.cancel()
        await asyncio.wait([reading])


def _function(body: str) -> str:
    return f"(function () {{ {body} }})"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


ENGINES = {"chromium": chromium, "firefox": firefox, "webkit": webkit}
