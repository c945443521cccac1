"""What a model can do, by its fields: quote, write, or write and reword a question."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chains.models.model import Model
from chains.models.opening import open_model
from chains.models.quotes.quoting_model import QuotingChatModel
from chains.prompts.prompt import Prompt, load_prompt
from chains.settings import Settings

FRONT = """---
description: Asks.
inputs:
  question:
    example: Why?
model: tiny
max_tokens: 90
lead_in: "From the book:"
lead_in_unsure: "It may be this:"
max_words: 7
---
user:
{{ question }}
"""


@pytest.fixture
def prompt(tmp_path: Path) -> Prompt:
    (tmp_path / "asks.md").write_text(FRONT, "utf-8")
    return load_prompt("asks", Settings.model_construct(prompts=tmp_path))


def test_of_a_prompt_each_kind_of_model_gets_what_it_can_use(prompt: Prompt) -> None:
    quotes = Model(QuotingChatModel(), "quotes", kind="quotes")
    assert quotes.options(prompt) == {
        "lead_in": "From the book:",
        "lead_in_unsure": "It may be this:",
        "max_words": 7,
    }
    large = replace(quotes, kind="large")
    assert large.options(prompt) == {"model": "tiny", "max_tokens": 90}


def test_no_prompt_lets_a_model_write_more_than_its_own_limit(prompt: Prompt) -> None:
    small = Model(QuotingChatModel(), "small", kind="small", most_tokens=50)
    assert small.options(prompt) == {"model": "tiny", "max_tokens": 50}
    assert small.options(replace(prompt, max_tokens=9)) == {"model": "tiny", "max_tokens": 9}


def test_a_prompt_without_a_limit_gets_that_of_the_model(prompt: Prompt) -> None:
    silent = replace(prompt, max_tokens=None)
    model = Model(QuotingChatModel(), "large", max_tokens=4000)
    assert model.options(silent) == {"model": "tiny", "max_tokens": 4000}
    assert model.options(prompt) == {"model": "tiny", "max_tokens": 90}
    assert replace(model, most_tokens=256).options(silent)["max_tokens"] == 256


@pytest.mark.parametrize(
    ("name", "kind"), [("quotes", "quotes"), ("local", "small"), ("gpt", "large")]
)
async def test_the_settings_name_a_model_of_a_known_kind(name: str, kind: str) -> None:
    settings = Settings.model_construct(model=name, openai_base_url="http://127.0.0.1:9/v1")
    async with open_model(settings) as model:
        assert model.kind == kind
