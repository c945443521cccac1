"""The settings of the server, on top of those of the chain."""

from __future__ import annotations

from pydantic import Field

from chains.settings import Settings


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
