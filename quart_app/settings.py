"""The settings of the server, on top of those of the chain."""

from __future__ import annotations

import os
from difflib import get_close_matches

from dotenv import dotenv_values
from pydantic import Field

from chains.settings import Settings

PREFIX = "SCHOLIAST_"
TESTS = "SCHOLIAST_TEST_"
"""What the test suite reads."""


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
    max_connections: int = Field(5000, ge=1)
    """How many sockets may be open at once."""

    @property
    def origins(self) -> frozenset[str]:
        """The allowed origins, each as a browser writes it: scheme, host, port if unusual."""
        return frozenset(origin.strip() for origin in self.allowed_origins.split(",")) - {""}

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
