"""Whether a prompt fits the model that it is for: its window, and what it refuses or ignores."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from chains.prompts.findings import Finding
from chains.prompts.prompt import Prompt
from chains.prompts.prompt_file import Read
from chains.prompts.prompt_settings import line_of

CHARACTERS_PER_TOKEN = 4
"""The usual rule of thumb for English; models without a tokenizer at hand are measured by it."""
Count = Callable[[Sequence[str]], int]
"""The tokens of texts together, by a model's own tokenizer."""
QUOTES = "quotes"
_NO_TEMPERATURE = re.compile(r"(?:.*/)?(?:o[1-9]|gpt-5)(?!.*chat)(?:[-.].*)?", re.IGNORECASE)
"""Models of OpenAI that think take no `temperature` but 1."""


def check_model_of(
    file: Path,
    prompt: Prompt,
    model: str,
    window: int | None,
    read: Read = Path.read_bytes,
    count: Count | None = None,
) -> Iterator[Finding]:
    """What is to be said of a prompt for this `model`, whose window has so many tokens, if known.

    Only what might not fit is counted, as a token has a byte at least; without `count` by estimate.

    A `model` in the prompt's front matter counts instead, unless the answers are quoted.
    """
    lines = read(file).decode("utf-8-sig").split("\n")[1:]
    if model == QUOTES:
        message = "the model in use (quotes) heeds only lead_in, lead_in_unsure and max_words"
        fix = "set SCHOLIAST_MODEL to a language model to use the rest"
        yield Finding(file, 1, "model", "note", message, fix)
        return
    model = prompt.model or model
    if prompt.temperature not in (None, 1.0) and _NO_TEMPERATURE.fullmatch(model):
        message = f"the model {model} refuses a temperature other than 1"
        line = line_of("temperature", lines)
        yield Finding(file, line, "temperature", "warning", message, "remove the line")
    texts, room = [str(message.text) for message in prompt.preview()], prompt.max_tokens or 0
    if window is not None and sum(len(text.encode()) for text in texts) + room > window:
        size = count(texts) if count else example_tokens(prompt)
        if size + room > window:
            answer = f" and the {room:,} of max_tokens" if room else ""
            guess = f"about {size:,} tokens (an estimate, {CHARACTERS_PER_TOKEN} characters each)"
            message = (
                f"the examples take {f'{size:,} tokens' if count else guess}{answer}; "
                f"the window of {model} has {window:,}"
            )
            yield Finding(file, 1, "window", "warning", message, "shorten text or examples")


def example_tokens(prompt: Prompt) -> int:
    """The tokens of a prompt with its examples, as an estimate."""
    return sum(len(message.text) for message in prompt.preview()) // CHARACTERS_PER_TOKEN
