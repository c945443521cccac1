"""Settings of servers that share a Redis."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from quart_app.settings import WebSettings

SECRET = "one secret for all servers"


def sharing(settings: WebSettings, url: str, **update: Any) -> WebSettings:
    """The settings, with the Redis at `url` and what else there is."""
    shared = {"redis_url": SecretStr(url), "session_secret": SecretStr(SECRET)}
    return settings.model_copy(update=shared | update)
