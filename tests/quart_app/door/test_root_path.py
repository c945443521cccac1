"""Below which path readers reach the server, and who may say so."""

from __future__ import annotations

from typing import Any

import pytest

from chains.errors import SettingError
from quart_app.door.proxies import SecureOnly, TrustedProxies, parse_network
from quart_app.door.root_path import LONGEST, RootPath
from quart_app.settings import WebSettings

PROXY = "127.0.0.1"
WRONG = [
    "tutor", "//evil.example", "/tutor//", "/a//b", "/..", "/a/../b", "/a/.", "/.hidden", "/a b",
    "/a\tb", "/a\r\nb", "/a?b", "/a#b", "/a%2fb", "/a\\b", '/"onload=', "/tütor", "http://a/b",
    "/" + "a" * LONGEST,
]  # fmt: skip


async def seen(
    path: str, *prefixes: str, own: str | None = None, peer: str = PROXY, kind: str = "http"
) -> tuple[str, str]:
    """Root path and path as Quart gets them."""
    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    headers = [(b"x-forwarded-prefix", prefix.encode()) for prefix in prefixes]
    scope = {"type": kind, "path": path, "client": (peer, 1), "headers": headers, "root_path": ""}
    networks = (parse_network(PROXY),)
    await TrustedProxies(RootPath(app, own), networks)(scope, app, app)  # type: ignore[arg-type]
    return scopes[0]["root_path"], scopes[0]["path"]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ("/tutor/book/a", "/book/a"),
        ("/book/a", "/book/a"),  # the proxy has taken it off, or this is a probe
        ("/tutor/", "/"),
        ("/tutor", "/"),
        ("/tutorial", "/tutorial"),
        ("/tutor/tutor/", "/tutor/"),
        ("http://book.example/tutor/book/a", "/book/a"),
        ("http://book.example", "/"),
    ],
)
async def test_a_root_path_of_the_setting_holds_with_and_without_it_in_the_path(
    sent: str, path: str, kind: str
) -> None:
    assert await seen(sent, own="/tutor", kind=kind) == ("/tutor", f"/tutor{path}")


async def test_a_root_path_may_be_one_that_the_server_has_too() -> None:
    assert await seen("/book/book/a", own="/book") == ("/book", "/book/book/a")
    assert await seen("/book/", own="/book") == ("/book", "/book/")
    assert await seen("/healthz", own="/book") == ("/book", "/book/healthz")


@pytest.mark.parametrize("sent", ["/book/a", "/tutor/a", "/"])
async def test_a_trusted_proxy_says_which_prefix_it_has_taken_off(sent: str) -> None:
    assert await seen(sent, "/tutor/") == ("/tutor", f"/tutor{sent}")
    assert await seen(sent, "/a/b.c") == ("/a/b.c", f"/a/b.c{sent}")


async def test_a_prefix_of_somebody_else_changes_nothing() -> None:
    assert await seen("/book/a", "/tutor", peer="203.0.113.9") == ("", "/book/a")


@pytest.mark.parametrize("own", ["", "/own"])
async def test_a_setting_stands_above_what_proxies_say(own: str) -> None:
    assert await seen("/book/a", "/tutor", own=own) == (own, f"{own}/book/a")


@pytest.mark.parametrize("wrong", [*WRONG, "", "/a, /b"])
async def test_a_prefix_that_is_malformed_or_not_clear_is_ignored(wrong: str) -> None:
    assert await seen("/book/a", wrong) == ("", "/book/a")


async def test_several_prefixes_are_not_clear() -> None:
    assert await seen("/book/a", "/a", "/tutor") == ("", "/book/a")


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_root_path_is_named_with_what_is_right(wrong: str) -> None:
    with pytest.raises(SettingError, match="SCHOLIAST_ROOT_PATH: ") as refused:
        WebSettings.read(root_path=wrong)
    fix = "write /tutor" if wrong.isprintable() else "cannot be shown"
    assert fix in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.usefixtures("alone")
def test_a_root_path_may_end_with_a_slash_and_may_be_none() -> None:
    assert WebSettings.read(root_path="/books/tutor/").root_path == "/books/tutor"
    assert WebSettings.read(root_path="/").root_path == ""
    assert WebSettings.read().root_path is None


@pytest.mark.parametrize("path", ["/healthz", "/tutor/healthz", "/tutor/readyz"])
async def test_probes_are_let_in_without_tls_below_the_root_path_too(path: str) -> None:
    let_in: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        let_in.append(scope)

    scope = {"type": "http", "scheme": "http", "path": path}
    await RootPath(SecureOnly(app), "/tutor")(scope, app, app)  # type: ignore[arg-type]
    assert let_in
