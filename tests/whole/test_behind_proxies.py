"""Readers behind one proxy and behind two: the configurations of docs/operating.md, in nginx."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
import trustme
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.support.commands import served
from tests.support.folders import copy_folder
from tests.support.nginx import PORT, documented, nginx
from tests.support.talking import ask, receive, text_of

ZMP = "What is the zero moment point?"
OUTER, INNER = "127.0.0.2", "127.0.0.3"
"""The addresses from which the proxies come; in the documents 10.0.0.1 and 127.0.0.1."""
READERS = (f"127.0.1.{number}" for number in count(1))
"""Each is new, so that no socket of another test counts."""
FORGED = {
    "X-Forwarded-For": f"203.0.113.7, {OUTER}",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/evil",
}

ODD = {
    "unknown": {"X-Forwarded-For": "unknown"},
    "hidden": {"X-Forwarded-For": "_hidden, _SEVKISEK"},
    "with a zone and a port": {"X-Forwarded-For": "[fe80::1%eth0]:443"},
    "mapped": {"X-Forwarded-For": f"::ffff:203.0.113.7, ::ffff:{OUTER}"},
    "blank": {"X-Forwarded-For": ", ,"},
    "long": {"X-Forwarded-For": ",".join([OUTER] * 300)},
    "another header": {"Forwarded": 'for="[2001:db8::1]:47";proto=http, for=_hidden'},
    "of another proxy": {"X-Real-IP": "203.0.113.7", "X-Forwarded-Proto": "wss, http, x"},
}


@dataclass(frozen=True)
class Site:
    """A book behind proxies: its address, the port of the innermost, and whom readers trust."""

    url: str
    inner: int
    trust: ssl.SSLContext

    def fetch(self, path: str, reader: str, **headers: str) -> httpx.Response:
        """The answer to a request of `reader`."""
        transport = httpx.HTTPTransport(verify=self.trust, local_address=reader)
        with httpx.Client(base_url=self.url, transport=transport) as http:
            return http.get(path, headers=headers)

    def socket(self, reader: str, **headers: str) -> Any:
        """The socket of `reader`, from a page of the site."""
        return connect(
            self.url.replace("http", "ws", 1) + "ws/chat",
            origin=Origin(self.url.rstrip("/")),
            subprotocols=[Subprotocol("chat-v1")],
            additional_headers=headers,
            ssl=self.trust,
            local_addr=(reader, 0),
        )


@pytest.fixture(scope="module", params=["one proxy", "two proxies"])
def site(
    request: pytest.FixtureRequest, example_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("proxies")
    copy_folder(example_folder, folder / ".scholiast")
    authority, trust = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trust)
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
        folder / "book.pem"
    )
    variables = {
        "SCHOLIAST_TRUSTED_PROXIES": f"{INNER}, {OUTER}",
        "SCHOLIAST_REQUIRE_TLS": "true",
        "SCHOLIAST_LIMIT_CONNECTIONS": "1",
    }
    outer, inner = documented("Behind a proxy")
    with ExitStack() as stack:
        port = urlsplit(stack.enter_context(served(folder, **variables)).url).port or 0
        row = [(INNER, inner), (OUTER, outer)]  # from the server on
        if request.param == "one proxy":
            row = [(INNER, outer)]
        ports = []
        for address, configuration in row:
            place = tmp_path_factory.mktemp("nginx")
            port = stack.enter_context(
                nginx(place, _placed(configuration, address, port, folder / "book.pem"))
            )
            ports.append(port)
        yield Site(f"https://127.0.0.1:{port}/", ports[0], trust)


def _placed(configuration: str, address: str, next_port: int, certificate: Path) -> str:
    """What the documents say, at home in a test."""
    for written, meant in {
        "listen 443 ssl;": f"listen 127.0.0.1:{PORT} ssl;",
        "listen 10.0.0.2:80;": f"listen 127.0.0.1:{PORT};",
        "/etc/ssl/book.example.pem": str(certificate),
        "/etc/ssl/book.example.key": str(certificate),
        "http://127.0.0.1:8000": f"http://127.0.0.1:{next_port}",
    }.items():
        configuration = configuration.replace(written, meant)
    return f"proxy_bind {address};\n{configuration}"


async def test_a_page_and_a_conversation_come_through(site: Site) -> None:
    reader = next(READERS)
    assert "Humanoid Robots" in site.fetch("/", reader).text
    seen = site.fetch("/api/book", reader).json()["request"]
    host = site.url.split("/")[2]
    assert seen == {"scheme": "https", "host": host, "origin_allowed": True}
    async with site.socket(reader) as socket:
        assert (await receive(socket))["type"] == "welcome"
        messages = await ask(socket, ZMP)
    assert messages[-1]["data"]["status"] == "completed"
    assert "zero moment point" in text_of(messages).lower()


@pytest.mark.parametrize("headers", [{}, FORGED, *ODD.values()], ids=["plain", "forged", *ODD])
async def test_a_reader_is_counted_by_their_own_address_whatever_they_forge(
    site: Site, headers: dict[str, str]
) -> None:
    reader, another = next(READERS), next(READERS)
    async with site.socket(reader) as first:
        await receive(first)
        with pytest.raises(InvalidStatus) as refused:
            await site.socket(reader, **headers)
        assert refused.value.response.status_code == 429
        async with site.socket(another, **headers) as other:
            assert (await receive(other))["type"] == "welcome"
    assert "/evil" not in site.fetch("/", reader, **headers).text


def test_the_innermost_proxy_believes_no_reader_who_reaches_it(site: Site) -> None:
    scheme = "https" if site.url.endswith(f":{site.inner}/") else "http"
    direct = Site(f"{scheme}://127.0.0.1:{site.inner}/", site.inner, site.trust)
    answer = direct.fetch("/", next(READERS), **FORGED)
    assert answer.status_code == (200 if scheme == "https" else 403)
