from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from chains.errors import SettingError
from quart_app.answers.session_store import SessionStore
from quart_app.answers.session_tokens import SessionTokens, load_secret

SESSION, OTHER = SessionStore.new_id(), SessionStore.new_id()


def test_a_token_opens_its_session_for_its_lifetime() -> None:
    now = 1000.0
    tokens = SessionTokens("a secret for tests", 60, lambda: now)
    token = tokens.issue(SESSION)
    assert tokens.opens(SESSION, token)
    now = 1059.0
    assert tokens.opens(SESSION, token)
    now = 1060.0
    assert not tokens.opens(SESSION, token)


@pytest.mark.parametrize(
    "change",
    [
        lambda token: "",
        lambda token: token[:-1],
        lambda token: "9" + token,
        lambda token: token.partition(".")[0] + ".",
        lambda token: "." + token.partition(".")[2],
        lambda token: token + "\n",
        lambda token: token.replace(".", ".."),
        lambda token: token + "é",
    ],
)
def test_a_token_that_was_changed_opens_nothing(change: object) -> None:
    tokens = SessionTokens("a secret for tests", 60)
    assert callable(change)
    assert not tokens.opens(SESSION, change(tokens.issue(SESSION)))


signatures = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", max_size=50
)


@given(st.one_of(st.text(max_size=200), signatures.map("99999999999.{}".format)))
def test_no_made_up_token_opens_anything(token: str) -> None:
    assert not SessionTokens("a secret for tests", 60).opens(SESSION, token)


def test_another_session_and_another_secret_make_another_token() -> None:
    tokens = SessionTokens("a secret for tests", 60)
    assert not tokens.opens(OTHER, tokens.issue(SESSION))
    assert not SessionTokens("another secret", 60).opens(SESSION, tokens.issue(SESSION))


def test_the_secret_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    secret = load_secret(tmp_path / "data")
    assert load_secret(tmp_path / "data") == secret
    assert load_secret(tmp_path / "other") != secret
    (file,) = (tmp_path / "data").iterdir()
    assert file.read_text() == secret
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_settings_secret_comes_first_and_writes_no_file(tmp_path: Path) -> None:
    given = SecretStr("a secret of the operator")
    assert load_secret(tmp_path / "data", given) == "a secret of the operator"
    assert list(tmp_path.iterdir()) == []


def test_a_secret_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "session.secret").write_text("short")
    with pytest.raises(SettingError, match=r"session\.secret"):
        load_secret(tmp_path)
    (tmp_path / "session.secret").unlink()
    (tmp_path / "session.secret").mkdir()
    with pytest.raises(SettingError, match="SCHOLIAST_SESSION_SECRET"):
        load_secret(tmp_path)
