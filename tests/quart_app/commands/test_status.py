"""`scholiast status --embed`: what a site needs to carry the widget."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from chains.errors import SettingError
from quart_app.commands.snippet import snippet
from quart_app.pages.bundle import Bundle, read_bundle
from quart_app.settings import WebSettings
from tests.support.commands import Served, refused, run, served
from tests.support.folders import copy_folder

BUNDLE = Bundle(b"widget", {"math-0.js": b"math"})
TUTOR = "https://tutor.example/"
SITE = "https://book.example/docs/"


def made(url: str = TUTOR, site: str = SITE, allowed: Collection[str] = ()) -> Any:
    return snippet(url, BUNDLE, site, allowed)


def text(found: Any) -> str:
    return "\n".join("\n".join([heading, *lines]) for heading, lines in found.parts())


def test_lines_to_paste_hold_the_address_and_the_digest() -> None:
    found = made()
    assert found.script == '<script async src="https://tutor.example/widget.js"></script>'
    assert found.pinned_script == (
        f'<script async src="https://tutor.example/widget/{BUNDLE.version}.js" '
        f'integrity="{BUNDLE.integrity}" crossorigin="anonymous"></script>'
    )
    lines = text(found).splitlines()
    assert found.script in lines
    assert found.pinned_script in lines


@pytest.mark.parametrize(
    ("given", "url", "policy"),
    [
        ("https://tutor.example", TUTOR, "https://tutor.example wss://tutor.example"),
        ("HTTPS://Tutor.Example:443/", TUTOR, "https://tutor.example wss://tutor.example"),
        ("http://[::1]:80", "http://[::1]/", "http://[::1] ws://[::1]"),
        (
            "https://bücher.example:8443/a/b&c",
            "https://xn--bcher-kva.example:8443/a/b&c/",
            "https://xn--bcher-kva.example:8443 wss://xn--bcher-kva.example:8443",
        ),
    ],
)
def test_addresses_are_written_as_browsers_do(given: str, url: str, policy: str) -> None:
    found = made(given)
    assert found.url == url
    assert found.policy == {"script-src": policy.partition(" ")[0], "connect-src": policy}
    assert f'src="{url.replace("&", "&amp;")}widget.js"' in found.script
    assert f"connect-src {policy}" in text(found).splitlines()


@pytest.mark.parametrize(
    "wrong",
    [
        "", "tutor.example", "/tutor", "https://", "ftp://tutor.example", "https://a b/",
        'https://a/"onload="', "https://a/?x", "https://a/#x", "https://reader@a/",
        "https://[::x]/", "https://a:99999/", "https://tutor.example/widget.js",
    ],
)  # fmt: skip
def test_an_address_that_no_page_loads_from_is_refused(wrong: str) -> None:
    with pytest.raises(SettingError, match=r"^--url: "):
        made(wrong)


def test_the_setting_keeps_who_is_allowed_and_adds_the_site() -> None:
    found = made(allowed=["https://a.example", "http://localhost:3000"])
    assert (found.site, found.is_allowed) == ("https://book.example", False)
    setting = "http://localhost:3000,https://a.example,https://book.example"
    assert found.allowed_origins == setting
    assert f"SCHOLIAST_ALLOWED_ORIGINS={setting}" in text(found).splitlines()
    assert WebSettings.read(allowed_origins=setting).allowed_origins == {*setting.split(",")}


@pytest.mark.parametrize(
    ("url", "allowed"), [(TUTOR, ["https://book.example"]), ("https://book.example/tutor/", [])]
)
def test_a_site_that_is_allowed_already_is_reported(url: str, allowed: list[str]) -> None:
    found = made(url, allowed=allowed)
    assert found.is_allowed
    assert "✓ https://book.example may use the server" in text(found)
    assert "SCHOLIAST_ALLOWED_ORIGINS" not in text(found)


def test_a_site_that_nobody_named_has_a_place_held() -> None:
    found = made(site="/book/")
    assert (found.site, found.is_allowed) == (None, False)
    assert "SCHOLIAST_ALLOWED_ORIGINS=https://book.example" in text(found).splitlines()
    assert "the origin of the site's pages for https://book.example" in text(found)
    assert "--base-url" in text(found)


@pytest.mark.parametrize(
    ("url", "warning"),
    [
        ("http://tutor.example:8000/", "Pages on https can neither load"),
        ("http://127.0.0.2/", "is this machine alone"),
        ("http://localhost:8000/", "is this machine alone"),
        ("http://[::1]:8000/", "is this machine alone"),
        (TUTOR, ""),
    ],
)
def test_an_address_that_will_not_do_for_readers_is_warned_of(url: str, warning: str) -> None:
    warnings = made(url).warnings
    assert [warning in one for one in warnings] == ([True] if warning else [])


@pytest.mark.usefixtures("example_data")
def test_the_command_prints_each_piece_at_the_margin_on_one_line() -> None:
    bundle = read_bundle()
    assert bundle
    result = run("status", "--embed", "--url", TUTOR)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert f'<script async src="{TUTOR}widget.js"></script>' in lines
    pinned = f'src="{TUTOR}{bundle.path}" integrity="{bundle.integrity}" crossorigin="anonymous"'
    assert f"<script async {pinned}></script>" in lines
    assert "script-src https://tutor.example" in lines
    assert "\\n" not in result.stdout
    assert "\x1b[1m<script" in run("status", "--embed", "--url", TUTOR, color=True).stdout


def test_as_json_it_is_one_object(example_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOLIAST_ALLOWED_ORIGINS", "https://a.example")
    printed = json.loads(run("status", "--embed", "--url", TUTOR, "--json").stdout)
    assert printed["script"] == f'<script async src="{TUTOR}widget.js"></script>'
    assert (printed["site"], printed["is_allowed"]) == (None, False)
    assert printed["allowed_origins"] == "https://a.example,https://book.example"
    assert printed["policy"]["connect-src"] == "https://tutor.example wss://tutor.example"
    assert printed["warnings"] == []


@pytest.mark.usefixtures("example_data")
def test_without_an_address_or_with_a_wrong_one_it_prints_what_to_do() -> None:
    assert "--url https://tutor.example/" in refused(1, "status", "--embed")
    assert "'tutor' is no http(s) address" in refused(2, "status", "--embed", "--url", "tutor")
    assert "goes with --embed" in refused(2, "status", "--url", TUTOR)


def test_a_running_server_gives_its_address_and_knows_the_lines(
    running: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(running.folder)
    printed = json.loads(run("status", "--embed", "--json").stdout)
    assert printed["url"] == running.url
    assert ["this machine alone" in one for one in printed["warnings"]] == [True]
    changed = Bundle(b"built since it started", {})
    monkeypatch.setattr("quart_app.pages.bundle.read_bundle", lambda: changed)
    warnings = json.loads(run("status", "--embed", "--json").stdout)["warnings"]
    assert "has another version of the widget" in warnings[-1]


def test_the_site_is_that_of_the_book_also_while_a_server_has_it_open(
    alone: Path, example_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_folder(example_folder, alone / ".scholiast")
    book = Path(__file__).parents[3] / "examples" / "book"
    assert run("ingest", str(book), "--base-url", SITE).exit_code == 0
    monkeypatch.setenv("SCHOLIAST_ALLOWED_ORIGINS", "https://book.example")
    printed = [json.loads(run("status", "--embed", "--url", TUTOR, "--json").stdout)]
    with served(alone):
        printed.append(json.loads(run("status", "--embed", "--json").stdout))
    assert [one["site"] for one in printed] == 2 * ["https://book.example"]
    assert [one["is_allowed"] for one in printed] == [True, True]


def test_it_shows_what_the_gate_lets_in_at_the_point_that_is_set(
    example_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = {}
    for setting in ("open", "even", "strict"):
        monkeypatch.setenv("SCHOLIAST_GATE", setting)
        gate = json.loads(run("status", "--json").stdout)["gate"]
        assert gate["setting"] == setting
        shares[gate["threshold"]] = (gate["own"], gate["foreign"])
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert shares[0.5][0] > 0.9
    assert shares[0.5][1] < 0.05
    shown = run("status").stdout
    assert f"strict: lets in {shares[0.65][0]:.0%} of the book's own questions" in shown
