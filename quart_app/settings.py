"""The settings of the server, on top of those of the chain."""

from __future__ import annotations

import os
from collections.abc import Callable
from difflib import get_close_matches
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from chains.settings import Settings
from quart_app.answers.rates import parse_limit, parse_rates
from quart_app.door.origins import check_origin
from quart_app.door.proxies import Network, network

PREFIX = "SCHOLIAST_"
TESTS = "SCHOLIAST_TEST_"
"""What the test suite reads."""


def _listed(text: str) -> frozenset[str]:
    """What stands between commas."""
    return frozenset(part.strip() for part in text.split(",")) - {""}


def _origins(text: str) -> frozenset[str]:
    for origin in sorted(_listed(text)):
        check_origin(origin)
    return _listed(text)


def _proxies(text: str) -> tuple[Network, ...]:
    return tuple(map(network, sorted(_listed(text))))


LISTS: dict[str, Callable[[str], object]] = {
    "allowed_origins": _origins,
    "trusted_proxies": _proxies,
    "limit_questions": parse_rates,
    "limit_sessions": parse_rates,
    "limit_connections": parse_limit,
    "limit_messages": parse_limit,
}
"""The settings that have a form of their own, each with what reads it or raises ValueError."""


class WebSettings(Settings):
    """Where the server listens and whom it lets in."""

    host: str | None = None
    """The address to listen on; without it, what ``bind`` in hypercorn.toml says."""
    port: int | None = Field(None, ge=0, le=65535)
    """The port to listen on; 0 takes any free one."""
    allowed_origins: str = ""
    """Origins besides the server's own that may open the socket, separated by commas."""
    require_origin: bool = False
    """Whether clients without an Origin, which browsers always send, are turned away."""
    trusted_proxies: str = ""
    """Addresses and networks of the proxies whose X-Forwarded-For and -Proto count, separated by
    commas."""
    require_tls: bool = False
    """Whether plain connections are refused, except behind a trusted proxy that says https."""
    max_connections: int = Field(5000, ge=1)
    """How many sockets may be open at once."""
    limit_connections: str = "100"
    """How many of them one address may have; or ``off``."""
    limit_questions: str = "10/minute, 50/hour, 200/day"
    """How many questions a key may ask; or ``off``."""
    limit_key: Literal["address", "session"] = "address"
    """Whose questions are counted together."""
    limit_sessions: str = "30/hour"
    """With `limit_key` ``session``: how many sessions one address may begin; or ``off``."""
    limit_messages: str = "100"
    """How many messages a connection may send, pings apart; or ``off``."""
    idle_timeout: float = Field(1800, gt=0)
    """Seconds without a message, pings apart, after which a socket is closed."""
    resume_window: float = Field(120, ge=0)
    """Seconds that an answer without a reader goes on and is kept; 0 ends it with its socket."""
    session_lifetime: int = Field(24 * 3600, ge=60)
    """Seconds after its last use that a session is kept, and its token opens it."""
    session_secret: SecretStr | None = Field(None, min_length=16)
    """What session tokens are signed with; without it, a random one in the data folder."""
    prompt_variants: str = ""
    """Prompts besides ``answer`` that a question may ask for, separated by commas."""
    trace: bool = False
    """Whether the logs of answers, with their questions, are kept for `scholiast trace`."""

    @field_validator(*LISTS)
    @classmethod
    def _check(cls, given: str, info: ValidationInfo) -> str:
        try:
            LISTS[str(info.field_name)](given)
        except ValueError as error:  # in its own words, beside what is wrong with other settings
            raise PydanticCustomError("setting", "{error}", {"error": str(error)}) from None
        return given

    @property
    def origins(self) -> frozenset[str]:
        """The allowed origins, each as a browser writes it: scheme, host, port if unusual."""
        return _listed(self.allowed_origins)

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks of the trusted proxies."""
        return _proxies(self.trusted_proxies)

    @property
    def variants(self) -> frozenset[str]:
        """The names of the prompts besides ``answer``."""
        return _listed(self.prompt_variants)

    @classmethod
    def unknown_variables(cls) -> list[str]:
        """A line for each variable that begins like ours and is none of them."""
        variables = {cls._variable(name) for name in cls.model_fields}
        read = variables | {f"{PREFIX}{name.upper()}" for name in cls.model_fields}
        given = {name.upper() for name in (*os.environ, *dotenv_values(".env"))}
        ours = {name for name in given if name.startswith(PREFIX) and not name.startswith(TESTS)}
        return [_unknown(variable, variables) for variable in sorted(ours - read)]


def _unknown(variable: str, variables: set[str]) -> str:
    names = {known.removeprefix(PREFIX): known for known in variables}
    near = get_close_matches(variable.removeprefix(PREFIX), names, n=1)
    hint = f"did you mean {names[near[0]]}?" if near else "see .env.example."
    return f"{variable} is no setting; {hint}"
