"""A socket that does not open: the reader sees why, the console what helps, and it opens later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trustme
from playwright.async_api import expect

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import PHONE, REPORTS, Site, Tutor, browser_page, violations
from tests.conftest import settings_of
from tests.support.fault_proxy import FaultProxy
from tests.support.folders import copy_folder
from tests.support.nginx import nginx
from tests.support.talking import client, receive

ZMP = "What is the zero moment point?"
NO_UPGRADE = """
server {{
    listen 127.0.0.1:PORT;
    location / {{
        proxy_pass {url};
        proxy_set_header Host $http_host;
    }}
}}
"""
"""It passes requests on, but no upgrade to a websocket: what nginx does if nothing else is set."""
UNTRUSTED = """
server {{
    listen 127.0.0.1:PORT ssl;
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    location / {{
        proxy_pass {url};
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
    }}
}}
"""
"""It does all that a proxy must, but the server does not know it."""


def where(url: str) -> tuple[str, int]:
    """Host and port of an address."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


@asynccontextmanager
async def served(example: WebSettings, **settings: Any) -> AsyncIterator[str]:
    async with serving(example.model_copy(update=settings)) as url:
        yield url


async def warning(tutor: Tutor) -> str:
    """The only line that the tutor has written to the console, once it is there."""
    for _ in range(100):
        if written := [text for text in tutor.complaints if text.startswith("Scholiast")]:
            assert len(written) == 1
            return written[0]
        await tutor.page.wait_for_timeout(100)
    raise AssertionError(tutor.complaints)


async def test_an_origin_that_is_not_allowed_is_named_and_tried_until_it_is(
    example: WebSettings, example_folder: Path, tmp_path: Path
) -> None:
    copy_folder(example_folder, other := tmp_path / "data")
    with Site() as site:
        async with (
            served(example, allowed_origins=set()) as url,
            served(settings_of(other), allowed_origins={site.origin}) as mended,
            FaultProxy(where(url)) as proxy,
            browser_page() as page,
        ):
            server = f"http://localhost:{proxy.port}"
            site.body = f'<!doctype html><body><script src="{server}/widget.js"></script>'
            tutor = Tutor(page)
            await page.goto(site.origin)
            await tutor.ask(ZMP)
            await expect(tutor.link).to_contain_text(f"address ({site.origin}) is not allowed")
            await expect(tutor.link).to_contain_text("SCHOLIAST_ALLOWED_ORIGINS")
            await page.screenshot(path=REPORTS / "refused-origin.png")
            proxy.target = where(mended)
            await expect(tutor.answer).not_to_be_empty(timeout=60_000)
            await expect(tutor.link).to_be_empty()
            written = await warning(tutor)
    assert f"the page {site.origin}." in written
    assert "SCHOLIAST_ALLOWED_ORIGINS" in written
    assert "SCHOLIAST_TRUSTED_PROXIES" not in written


async def test_a_proxy_that_passes_no_websockets_on_is_named_and_tried_until_it_does(
    example: WebSettings, axe: str, tmp_path: Path
) -> None:
    narrow_and_dark: dict[str, Any] = PHONE | {"color_scheme": "dark"}
    async with served(example) as url:
        with nginx(tmp_path, NO_UPGRADE.format(url=url)) as port:
            async with (
                FaultProxy(("127.0.0.1", port)) as proxy,
                browser_page(**narrow_and_dark) as page,
            ):
                tutor = Tutor(page)
                await page.goto(f"http://localhost:{proxy.port}/book/motion/balance")
                await tutor.ask(ZMP)
                await expect(tutor.link).to_contain_text("does not pass websockets on")
                await page.evaluate(axe)
                assert await violations(page) == []
                await page.screenshot(path=REPORTS / "refused-proxy.png")
                proxy.target = where(url)
                await expect(tutor.answer).not_to_be_empty(timeout=60_000)
                await expect(tutor.link).to_be_empty()
                assert "Upgrade and Connection" in await warning(tutor)


async def test_a_proxy_that_ends_tls_and_is_not_trusted_is_named_in_the_console(
    example: WebSettings, tmp_path: Path
) -> None:
    issued = trustme.CA().issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    async with served(example) as url:
        with nginx(tmp_path, UNTRUSTED.format(url=url, folder=tmp_path)) as port:
            async with browser_page(ignore_https_errors=True) as page:
                tutor = Tutor(page)
                await page.goto(f"https://localhost:{port}/book/motion/balance")
                await tutor.ask(ZMP)
                await expect(tutor.link).to_contain_text("is not allowed to use the tutor")
                written = await warning(tutor)
    assert f"saw http://localhost:{port} and the page https://localhost:{port}." in written
    assert "SCHOLIAST_TRUSTED_PROXIES" in written


async def test_a_server_without_a_place_is_busy_until_there_is_one(example: WebSettings) -> None:
    async with served(example, limit_connections=1) as url, browser_page() as page:
        tutor = Tutor(page)
        await page.goto(url)
        async with client(url) as other:  # of the same address
            await receive(other)
            await tutor.ask(ZMP)
            await expect(tutor.link).to_contain_text("The tutor is busy")
        await expect(tutor.answer).not_to_be_empty(timeout=60_000)
        assert not any(text.startswith("Scholiast") for text in tutor.complaints)
