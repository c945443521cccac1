"""What the answers of a comparison cost, where a table or the prompts say what tokens do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from chains.bad_values import not_utf_8
from chains.errors import SettingError
from chains.prompts.prompt_settings import Price
from quart_app.evaluation.comparing.answered import Answered
from quart_app.evaluation.comparing.comparison_run import Compared

Table = Mapping[str, Price]
"""Prices by the names of models."""
_MILLION = 1_000_000
_EXAMPLE = '["gpt-5"], and below it input = 1.25 and output = 10, for a million tokens each'


def read_prices(file: Path | None) -> Table:
    """The table of a TOML file, empty without one. Raises SettingError."""
    if file is None:
        return {}
    try:
        return msgspec.toml.decode(file.read_bytes(), type=dict[str, Price])
    except OSError as error:
        raise SettingError(f"{file}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise SettingError(f"{file}: {not_utf_8(error)}") from None
    except msgspec.DecodeError:
        raise SettingError(f"{file} is no table of prices; write {_EXAMPLE}") from None


def prices_of(compared: Compared, table: Table) -> tuple[float | None, float | None]:
    """What 1,000 answers of each variant cost, in the currency of its price; None where nothing
    says it. The table counts before the front matter of a prompt."""
    prices = [
        table.get(model, variant.prompt.price)
        for variant, model in zip(compared.variants, compared.models, strict=True)
    ]
    a, b = (
        price_of_1000(price, answers)
        for price, answers in zip(prices, compared.answers, strict=True)
    )
    return a, b


def price_of_1000(price: Price | None, answers: Sequence[Answered]) -> float | None:
    """By the mean of the answers whose tokens are known.

    >>> from quart_app.evaluation.outcomes import Outcome
    >>> answered = Answered(Outcome("1", "own", "What is a gait?"), "A rhythm.", 1100, 1000, 100)
    >>> price_of_1000(Price(input=1.0, output=10.0), [answered])
    2.0
    """
    costs = [
        answer.prompt_tokens * price.input + answer.answer_tokens * price.output
        for answer in answers
        if price and answer.prompt_tokens is not None and answer.answer_tokens is not None
    ]
    return round(sum(costs) / len(costs) * 1000 / _MILLION, 4) if costs else None
