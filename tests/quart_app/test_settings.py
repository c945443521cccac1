"""Where settings come from, which one wins, and how wrong ones are reported."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from chains.errors import SettingError
from quart_app.answers.rates import Rate
from quart_app.door.listener import address_of, listen, read_config
from quart_app.protocol.bounds import FRAME_BYTES
from quart_app.settings import WebSettings


def test_flags_win_over_environment_over_dotenv_over_hypercorn_toml(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listens_on(**flags: object) -> tuple[str, int]:
        settings = WebSettings.read(**flags)
        return address_of(read_config(FRAME_BYTES), settings.host, settings.port)

    assert listens_on() == ("localhost", 8000)
    (alone / "hypercorn.toml").write_text('bind = "toml.example:1"\n')
    assert listens_on() == ("toml.example", 1)
    (alone / ".env").write_text("SCHOLIAST_HOST=dotenv.example\nSCHOLIAST_PORT=2\n")
    assert listens_on() == ("dotenv.example", 2)
    monkeypatch.setenv("SCHOLIAST_HOST", "environment.example")
    monkeypatch.setenv("SCHOLIAST_PORT", "3")
    assert listens_on() == ("environment.example", 3)
    assert listens_on(host="flag.example", port=4) == ("flag.example", 4)
    assert listens_on(port=0) == ("environment.example", 0)
    assert listens_on(host="[::1]") == ("::1", 3)


def test_dotenv_may_hold_what_other_tools_share(alone: Path) -> None:
    (alone / ".env").write_text("OPENAI_API_KEY=a-key\nQDRANT_URL=http://q:6333\nOTHER=1\n")
    settings = WebSettings.read()
    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == "a-key"
    assert settings.qdrant_url == "http://q:6333"
    assert "a-key" not in repr(settings)


@pytest.mark.usefixtures("alone")
def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOLIAST_PORT", "")
    assert WebSettings.read().port is None


@pytest.mark.usefixtures("alone")
def test_every_wrong_variable_is_named_and_no_value_is_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCHOLIAST_PORT", "a-secret")
    monkeypatch.setenv("SCHOLIAST_MAX_CONNECTIONS", "0")
    with pytest.raises(
        SettingError, match=r"SCHOLIAST_PORT: .*SCHOLIAST_MAX_CONNECTIONS: "
    ) as refused:
        WebSettings.read()
    assert "a-secret" not in str(refused.value)


def test_a_dotenv_that_is_not_utf_8_is_reported(alone: Path) -> None:
    (alone / ".env").write_bytes(b"SCHOLIAST_HOST=\xff\n")
    with pytest.raises(SettingError, match=r"\.env: not UTF-8"):
        WebSettings.read()


def test_unknown_variables_are_reported_with_the_nearest_known_one(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alone / ".env").write_text("SCHOLIAST_PROMTS=prompts\n")
    monkeypatch.setenv("SCHOLIAST_MODLE", "local")
    monkeypatch.setenv("SCHOLIAST_QQQQQQ", "1")
    assert WebSettings.unknown_variables() == [
        "SCHOLIAST_MODLE is no setting; did you mean SCHOLIAST_MODEL?",
        "SCHOLIAST_PROMTS is no setting; did you mean SCHOLIAST_PROMPTS?",
        "SCHOLIAST_QQQQQQ is no setting; see .env.example.",
    ]


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "name", ["SCHOLIAST_MODEL", "scholiast_model", "SCHOLIAST_OPENAI_API_KEY", "OPENAI_API_KEY"]
)
def test_what_is_read_is_not_called_unknown(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "value")
    monkeypatch.setenv("SCHOLIAST_TEST_BOOKS", "books")
    settings = WebSettings.read()
    assert settings.model == "value" or settings.openai_api_key is not None
    assert WebSettings.unknown_variables() == []


@pytest.mark.usefixtures("alone")
def test_all_that_is_wrong_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "SCHOLIAST_ALLOWED_ORIGINS": "https://Book.example",
        "SCHOLIAST_TRUSTED_PROXIES": "nginx",
        "SCHOLIAST_LIMIT_QUESTIONS": "10/fortnight",
        "SCHOLIAST_PORT": "99999",
    }
    for variable, value in wrong.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(SettingError) as refused:
        WebSettings.read()
    assert all(f"{variable}: " in str(refused.value) for variable in wrong)
    assert "for https://Book.example" in str(refused.value)


@pytest.mark.usefixtures("alone")
def test_what_has_a_form_of_its_own_is_read_into_values(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "ALLOWED_ORIGINS": "https://book.example, http://localhost:3000,",
        "TRUSTED_PROXIES": "127.0.0.1, fd00::/8",
        "LIMIT_QUESTIONS": "50/hour, 5/minute",
        "LIMIT_SESSIONS": "off",
        "LIMIT_MESSAGES": "7",
        "LIMIT_CONNECTIONS": "Off",
        "PROMPT_VARIANTS": " simple,exam, ,simple",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"SCHOLIAST_{name}", value)
    settings = WebSettings.read()
    assert settings.allowed_origins == {"https://book.example", "http://localhost:3000"}
    assert settings.trusted_proxies == (ip_network("127.0.0.1"), ip_network("fd00::/8"))
    assert settings.limit_questions == (Rate(5, "minute"), Rate(50, "hour"))
    assert settings.limit_sessions == ()
    assert (settings.limit_messages, settings.limit_connections) == (7, None)
    assert settings.prompt_variants == {"simple", "exam"}


def test_assistants_without_their_package_are_refused_with_the_fix(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOLIAST_MCP", "true")
    assert WebSettings.read().mcp
    monkeypatch.setattr("quart_app.settings.find_spec", lambda _: None)
    with pytest.raises(SettingError, match=r"^SCHOLIAST_MCP: it takes one more package: pip "):
        WebSettings.read()


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("variable", ["OPENAI_BASE_URL", "QDRANT_URL"])
@pytest.mark.parametrize(
    "address",
    [
        *(
            "localhost:11434",
            "ftp://x/v1",
            "http://",
            "http://[::1",
            "http://[::1]x/",
            "http://a b",
        ),
        *(
            "http://a:99999/v1",
            "http://a:0/v1",
            "http://a..b/",
            f"http://{'a' * 64}/",
            "http://ü.x",
        ),
        *(
            "http://ü.x",
            "http://a b",
            "http://a/\x1b[31m",
            "http://\udcff/",
            "   ",
            "http://a:x/",
            "http://../",
        ),
    ],
)
def test_an_address_that_cannot_be_is_named_with_how_to_write_it(
    monkeypatch: pytest.MonkeyPatch, variable: str, address: str
) -> None:
    monkeypatch.setenv(variable, address)
    with pytest.raises(SettingError, match=rf"^{variable}: .*write "):
        WebSettings.read()


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:6333",
        "https://[::1]:6333/v1",
        "http://me:secret@q_1.x./",
        "http://10.0.0.1",
    ],
)
def test_one_that_can_be_is_taken(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f" {address}\n")
    assert WebSettings.read().openai_base_url == address


@pytest.mark.parametrize(
    "host",
    ["http://[", "a b", "\x1b[31m", "\udcff", "-0", "a..b", "１２.example", "a" * 300, "999.1.1.1"],
)
def test_a_host_to_listen_on_that_is_none_is_named_in_our_words(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingError, match=r" is no address to listen on; .*--host") as refused:
        listen(read_config(FRAME_BYTES), host, 0, tmp_path)
    assert not [word for word in ("Errno", "idna", "codec") if word in str(refused.value)]


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("OPENAI_BASE_URL", "http://[fe80::1%25eth0]:11434/v1"),
        ("QDRANT_URL", "http://[fe80::1%eth0]:6333"),
        ("SCHOLIAST_ALLOWED_ORIGINS", "https://book.example,http://[fe80::1%25eth0]"),
        ("SCHOLIAST_ALLOWED_HOSTS", "book.example,fe80::1%eth0"),
        ("SCHOLIAST_ALLOWED_HOSTS", "[fe80::1%25eth0]:8000"),
    ],
)
def test_an_address_with_a_zone_is_refused_in_a_sentence_that_says_why(
    monkeypatch: pytest.MonkeyPatch, variable: str, address: str
) -> None:
    monkeypatch.setenv(variable, address)
    with pytest.raises(SettingError, match=rf"^{variable}: it has a zone .*; write another "):
        WebSettings.read()


@pytest.mark.parametrize("host", ["fe80::1%eth0", "[fe80::1%25eth0]", "::1%lo"])
def test_nor_is_one_listened_on(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingError, match=r"is not listened on: it has a zone .*; write another "):
        listen(read_config(FRAME_BYTES), host, 0, tmp_path)


@pytest.mark.usefixtures("alone")
def test_a_percent_sign_of_a_password_is_no_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://me:a%40@[::1]:1/")
    assert WebSettings.read().openai_base_url == "http://me:a%40@[::1]:1/"
    monkeypatch.setenv("REDIS_URL", "redis://[fe80::1%25eth0]/")  # its client reads it
    assert WebSettings.read().redis_url is not None


LIBRARIES = (
    "nput should",
    "parse",
    "codec",
    "pydantic",
    "surrogat",
    "raw data",
    "after validation",
)
"""Words of those that read settings."""


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "value",
    [
        *(
            "   ",
            "a\x1b[31mb",
            "\udcff",
            "\udced\udca0\udc80",
            "9" * 5000,
            "nan",
            "inf",
            "-0",
            "１２",
        ),
        *("http://[", "redis://[::1", "/", ",,,", "a" * 300, "[", "{}", "true", "0", "-1"),
    ],
)
def test_whatever_a_setting_holds_its_error_names_it_in_our_words(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    refused = 0
    for name in WebSettings.model_fields:
        variable = WebSettings._variable(name)
        monkeypatch.setenv(variable, value)
        try:
            WebSettings.read()
        except SettingError as error:
            refused += 1
            assert str(error).startswith(f"{variable}: ")
            assert not [word for word in LIBRARIES if word in str(error)]
            assert len(str(error)) < 500
        monkeypatch.delenv(variable)
    assert refused > 10


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("name", ["model", "embeddings", "language"])
def test_a_name_of_thousands_of_characters_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    variable = WebSettings._variable(name)
    monkeypatch.setenv(variable, "9" * 5000)
    with pytest.raises(SettingError) as refused:
        WebSettings.read()
    assert str(refused.value) == f"{variable}: write at most 200 characters"
