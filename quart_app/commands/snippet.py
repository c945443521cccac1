"""What a site needs to carry the widget: a line on its pages, and to be allowed by the server."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import escape
from ipaddress import ip_address
from urllib.parse import urlsplit

from chains.errors import SettingError
from quart_app.door.origins import as_browsers_write
from quart_app.door.origins import is_allowed as _is_allowed
from quart_app.pages.bundle import WIDGET, Bundle

ADDRESS = re.compile(r"https?://[^\s\"'<>\\?#@]+", re.IGNORECASE)
PLACEHOLDER = "https://book.example"
"""In place of a site whose address is not known."""


@dataclass(frozen=True)
class Snippet:
    """Texts to copy. `site` is the Origin of the book's pages, None where it is not known;
    `is_allowed` is whether the settings let it in as they are."""

    url: str
    script: str
    pinned_script: str
    version: str
    integrity: str
    site: str | None
    is_allowed: bool
    allowed_origins: str
    policy: dict[str, str]
    warnings: list[str]

    def parts(self) -> Iterator[tuple[str, list[str]]]:
        """What to do, each with the lines to copy for it."""
        yield "On each page of the site, in its head or at its end:", [self.script]
        held = f"Or this one, for {self.version} only; change it when the server is upgraded:"
        yield held, [self.pinned_script]
        if self.is_allowed:
            yield f"✓ {self.site} may use the server, by its settings here.", []
        else:
            yield self._what_to_allow(), [f"SCHOLIAST_ALLOWED_ORIGINS={self.allowed_origins}"]
        policy = [f"{name} {sources}" for name, sources in self.policy.items()]
        yield "If the site has a Content-Security-Policy, it has to allow:", policy

    def _what_to_allow(self) -> str:
        who = self.site or "the site"
        text = f"To let {who} use the server, set this in its .env and start it again:"
        if self.site:
            return text
        return (
            f"{text[:-1]}, with the origin of the site's pages for {PLACEHOLDER} "
            "(`scholiast ingest PATH --base-url …` names it):"
        )


def snippet(url: str, bundle: Bundle, base_url: str, allowed: Collection[str]) -> Snippet:
    """For the server that readers reach at `url` and the book whose pages are below `base_url`.

    `allowed` are the origins of the setting. Raises SettingError where `url` is no address that
    a page can load from.
    """
    url, own = read_url(url)
    site = as_browsers_write(base_url)
    is_allowed = site is not None and _is_allowed(site, own, allowed)
    wanted = [*sorted(allowed), *([] if is_allowed else [site or PLACEHOLDER])]
    pinned = (
        f'src="{escape(url + bundle.path)}" integrity="{bundle.integrity}" crossorigin="anonymous"'
    )
    return Snippet(
        url=url,
        script=f'<script async src="{escape(url + WIDGET)}"></script>',
        pinned_script=f"<script async {pinned}></script>",
        version=bundle.version,
        integrity=bundle.integrity,
        site=site,
        is_allowed=is_allowed,
        allowed_origins=",".join(wanted),
        policy={"script-src": own, "connect-src": f"{own} {own.replace('http', 'ws', 1)}"},
        warnings=[*_warnings(own)],
    )


def read_url(url: str) -> tuple[str, str]:
    """A server's address with a slash at its end, and its Origin. Raises SettingError."""
    origin = as_browsers_write(url) if ADDRESS.fullmatch(url) else None
    if origin is None:
        raise SettingError(f"--url: {url!r} is no http(s) address such as https://tutor.example/.")
    path = urlsplit(url).path.rstrip("/")
    if path.endswith(".js"):
        raise SettingError(f"--url: name the server's own address, without {path}.")
    return f"{origin}{path}/", origin


def _warnings(own: str) -> list[str]:
    if _is_local(own):
        return [f"{own} is this machine alone; name the address that readers use with --url."]
    if own.startswith("http:"):
        secure = own.replace("http", "https", 1)
        problem = f"Pages on https can neither load from {own} nor open its socket"
        return [f"{problem}; serve it by TLS, as {secure}/."]
    return []


def _is_local(origin: str) -> bool:
    """Whether only browsers of its own machine reach it."""
    host = urlsplit(origin).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
