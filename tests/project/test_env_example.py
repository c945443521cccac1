""".env.example and hypercorn.toml: name every setting, and show what holds without it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic.fields import FieldInfo

from quart_app.door.listener import DEFAULTS
from quart_app.protocol.bounds import FRAME_BYTES
from quart_app.settings import WebSettings

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def variable(name: str, field: FieldInfo) -> str:
    return str(field.validation_alias or f"SCHOLIAST_{name.upper()}")


def uncommented(folder: Path) -> Path:
    """The example with every setting in force."""
    file = folder / ".env"
    file.write_text(re.sub(r"(?m)^# ([A-Z_]+=)", r"\1", EXAMPLE), encoding="utf-8")
    return file


def test_example_names_every_setting_once_and_no_other(tmp_path: Path) -> None:
    shown = re.findall(r"(?m)^#? ?([A-Z][A-Z_]+)=", EXAMPLE)
    known = [variable(name, field) for name, field in WebSettings.model_fields.items()]
    assert sorted(shown) == sorted(known)
    assert sorted(dotenv_values(uncommented(tmp_path))) == sorted(known)


def test_the_table_in_the_readme_names_every_setting() -> None:
    table = re.findall(r"(?m)^\| (`[A-Z].*?`) \|", (ROOT / "README.md").read_text("utf-8"))
    named = set(re.findall(r"`([A-Z_]+)`", "\n".join(table)))
    known = {variable(name, field) for name, field in WebSettings.model_fields.items()}
    assert known <= named


def test_example_shows_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, field in WebSettings.model_fields.items():
        monkeypatch.delenv(variable(name, field), raising=False)
    copied = WebSettings(_env_file=uncommented(tmp_path))
    assert copied == WebSettings(_env_file=None)


def test_hypercorn_toml_shows_the_defaults() -> None:
    shown = tomllib.loads((ROOT / "hypercorn.toml").read_text(encoding="utf-8"))
    assert shown == {**DEFAULTS, "websocket_max_message_size": FRAME_BYTES}
