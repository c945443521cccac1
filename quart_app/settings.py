"""The settings of the server, on top of those of the chain."""

from __future__ import annotations

import os
from difflib import get_close_matches
from importlib.util import find_spec
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from chains.models.local import SLOTS
from chains.settings import Settings, read_by
from quart_app.answers.rates import Rate, parse_limit, parse_rates
from quart_app.door.hosts import parse_host_rule
from quart_app.door.origins import parse_origin
from quart_app.door.proxies import Network, parse_network
from quart_app.door.root_path import parse_root_path
from quart_app.shared.redis_url import parse_redis_url

PREFIX = "SCHOLIAST_"
TESTS = "SCHOLIAST_TEST_"
"""What the test suite reads."""


def _parts(text: str) -> list[str]:
    """What stands between commas, in its order."""
    return [part for one in text.split(",") if (part := one.strip())]


def _names(text: str) -> frozenset[str]:
    return frozenset(_parts(text))


def _origins(text: str) -> frozenset[str]:
    return frozenset(map(parse_origin, _parts(text)))


def _hosts(text: str) -> frozenset[str]:
    return frozenset(map(parse_host_rule, _parts(text)))


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(map(parse_network, _parts(text)))


def _with_package(is_on: bool) -> bool:
    """`is_on`, where the package that it takes is there."""
    if is_on and find_spec("mcp") is None:
        fix = "it takes one more package: pip install 'scholiast[mcp]'"
        raise PydanticCustomError("setting", "{error}", {"error": fix})
    return is_on


# NoDecode: pydantic-settings would read these types as JSON.
Names = Annotated[frozenset[str], NoDecode, read_by(_names)]
Origins = Annotated[frozenset[str], NoDecode, read_by(_origins)]
Hosts = Annotated[frozenset[str], NoDecode, read_by(_hosts)]
Networks = Annotated[tuple[Network, ...], NoDecode, read_by(_networks)]
RootPath = Annotated[str | None, read_by(parse_root_path)]
Rates = Annotated[tuple[Rate, ...], NoDecode, read_by(parse_rates)]
RedisUrl = Annotated[SecretStr | None, read_by(parse_redis_url)]
Bound = Annotated[int | None, read_by(parse_limit)]
"""A number from 1 on; None for ``off``."""


class WebSettings(Settings):
    """Where the server listens and whom it lets in."""

    host: str | None = None
    """The address to listen on; without it, what ``bind`` in hypercorn.toml says."""
    port: int | None = Field(None, ge=0, le=65535)
    """The port to listen on; 0 takes any free one."""
    workers: int = Field(1, ge=1, le=64)
    """How many processes serve; each has connections, answers and limits of its own, but for what
    `redis_url` shares."""
    allowed_hosts: Hosts = frozenset()
    """Names by which the server may be asked, separated by commas: ``book.example``,
    ``*.book.example``, or ``*`` for any; without them, those of this machine if only it reaches
    the server, else any."""
    allowed_origins: Origins = frozenset()
    """Origins besides the server's own that may open the socket, separated by commas; each as
    browsers write it: scheme, host, port if unusual. ``https://*.preview.example`` is each
    name right below that one."""
    require_origin: bool = False
    """Whether clients without an Origin, which browsers always send, are turned away."""
    trusted_proxies: Networks = ()
    """Addresses and networks of the proxies whose X-Forwarded-For and -Proto count, separated by
    commas."""
    root_path: RootPath = None
    """The path below which readers reach the server, such as /tutor; without it, what a trusted
    proxy says in X-Forwarded-Prefix. ``/`` is none, whatever proxies say."""
    require_tls: bool = False
    """Whether plain connections are refused, except behind a trusted proxy that says https."""
    challenge: str | None = None
    """An ASGI callable that every request and handshake has to pass, as package.module:callable;
    see `quart_app.door.challenge`."""
    max_connections: int = Field(5000, ge=1)
    """How many sockets may be open at once."""
    max_answers: int | None = Field(None, ge=1)
    """How many answers may be at work at once, while other questions wait; without it, what fits
    the model, see `answers_at_work`."""
    limit_connections: Bound = 100
    """How many of them one address may have; or ``off``."""
    limit_questions: Rates = parse_rates("10/minute, 50/hour, 200/day")
    """How many questions a key may ask; or ``off``."""
    limit_key: Literal["address", "session"] = "address"
    """Whose questions are counted together."""
    limit_sessions: Rates = parse_rates("30/hour")
    """With `limit_key` ``session``: how many sessions one address may begin; or ``off``."""
    limit_all: Rates = ()
    """How many questions all readers together may ask; or ``off``."""
    budget_tokens: Bound = None
    """How many tokens the model may take and write in a day (UTC) for all readers; or ``off``."""
    metrics_token: SecretStr | None = Field(None, min_length=16)
    """What Prometheus sends to read /metrics; without it there is no such page."""
    limit_messages: Bound = 100
    """How many messages a connection may send, pings apart; or ``off``."""
    idle_timeout: float = Field(1800, gt=0, allow_inf_nan=False)
    """Seconds without a message, pings apart, after which a socket is closed."""
    resume_window: float = Field(120, ge=0, allow_inf_nan=False)
    """Seconds that an answer without a reader goes on and is kept; 0 ends it with its socket."""
    session_lifetime: int = Field(24 * 3600, ge=60)
    """Seconds after its last use that a session is kept, and its token opens it."""
    session_secret: SecretStr | None = Field(None, min_length=16)
    """What session tokens are signed with; without it, a random one in the data folder."""
    redis_url: RedisUrl = Field(None, validation_alias="REDIS_URL")
    """A Redis in which several servers share limits, sessions and answers; without it, each has its
    own. Takes a `session_secret`, the same on all of them."""
    prompt_variants: Names = frozenset()
    """Prompts besides ``answer`` that a question may ask for, separated by commas."""
    log: Literal["text", "json"] = "text"
    """How the server's log is written: lines for people, or a JSON object a line."""
    mcp: Annotated[bool, AfterValidator(_with_package)] = False
    """Whether assistants may search and read the book at /mcp; takes the extra ``mcp``."""
    trace: bool = False
    """Whether the logs of answers, with their questions, are kept for `scholiast trace`."""

    @property
    def answers_at_work(self) -> int:
        """`max_answers`, or else 100 for a model at an endpoint, which is what one core can pass
        on; for `local` its slots and as many that search meanwhile; for `quotes`, which works here
        and has no pauses, as many as asyncio has threads: with more, each only takes longer."""
        ours = {"local": 2 * SLOTS, "quotes": min(32, (os.cpu_count() or 1) + 4)}
        return self.max_answers or ours.get(self.model, 100)

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
