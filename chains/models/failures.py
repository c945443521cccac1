"""How a model's endpoint fails, and how that is described to the person who runs the server.

No words of an endpoint are passed on: some repeat the key in their messages.
"""

from __future__ import annotations

import re
import socket
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai import APIError, APIStatusError

TOO_LONG = "question and sources are longer than the model's context; use a larger model"

_CODE = re.compile(r"[a-z][a-z0-9_]{1,50}")
_MALFORMED = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What SDK and LangChain raise over a stream that they do not expect: bad JSON or UTF-8, an event
of another shape, no event at all. `Malformed` is one of them."""
_TEMPORARY = (408, 429)
_TOOLS = ("tool_calls", "function_call")
_LONGEST_WAIT = 86400.0


class BrokenOff(Exception):
    """The stream was closed in order, but before the answer had ended."""


class Malformed(ValueError):
    """The endpoint sent something that is not an answer in OpenAI's format."""


class TooSlow(TimeoutError):
    """Nothing came in the time that `setting` allows."""

    def __init__(self, setting: str) -> None:
        self.setting = setting
        super().__init__(setting)


class NoAnswer(Exception):
    """The model ended with what is no answer: a call of a tool, or a finish `reason` that says so
    or that nobody knows."""

    def __init__(self, reason: object) -> None:
        self.reason = reason.casefold() if isinstance(reason, str) else ""
        super().__init__(self.reason[:50])


def endpoint_errors() -> tuple[type[Exception], ...]:
    """What langchain-openai raises when the service fails.

    Timeouts are OSErrors. The SDK wraps neither the errors of malformed streams nor some of
    those of the connection.
    """
    import httpx2
    import openai

    return (openai.OpenAIError, httpx2.HTTPError, OSError, *_MALFORMED)


def may_pass(error: BaseException) -> bool:
    """Whether the same request may well succeed if it is made once more, and soon.

    A timeout is no such failure, unless no connection was made: a model that is slow to its first
    word is as slow the second time, and slower while it still works on the first request.
    """
    import httpx2
    import openai

    if isinstance(error, openai.APIStatusError):
        passing = error.status_code in _TEMPORARY or error.status_code >= 500
        return passing and error.code != "insufficient_quota"
    if isinstance(error, (openai.APITimeoutError, httpx2.TimeoutException, TimeoutError)):
        return any(isinstance(cause, httpx2.ConnectTimeout) for cause in _causes(error))
    if isinstance(error, openai.APIError):  # within a stream: servers report overload there
        return not _too_long(error)
    if isinstance(error, NoAnswer):
        return error.reason == "error"
    if type(error) is ValueError:  # LangChain's, for a stream without any event
        return True
    return isinstance(error, (httpx2.TransportError, OSError, BrokenOff))


def kind_of(error: BaseException | None) -> str:
    """A word for the kind of a model's failure, for figures.

    >>> kind_of(BrokenOff()), kind_of(None)
    ('stream', 'other')
    """
    import httpx2
    import openai

    if isinstance(error, openai.APIStatusError):
        words = {401: "key", 403: "key", 429: "limit"}
        return words.get(error.status_code, "status")
    kinds: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
        ((openai.APITimeoutError, httpx2.TimeoutException, TimeoutError), "timeout"),
        ((openai.APIConnectionError, httpx2.TransportError, OSError), "connection"),
        ((openai.APIError, BrokenOff), "stream"),
        ((NoAnswer,), "no_answer"),
        (_MALFORMED, "malformed"),
    )
    return next((kind for types, kind in kinds if isinstance(error, types)), "other")


def retry_after(error: BaseException) -> float | None:
    """Seconds until the endpoint wants to be asked again; None where it does not say.

    They stand in the header Retry-After, as a number or as an HTTP date (RFC 9110, 10.2.3).
    """
    import openai

    if not isinstance(error, openai.APIStatusError):
        return None
    wish = error.response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]*)?", wish):
        return min(float(wish), _LONGEST_WAIT)
    try:
        seconds = (parsedate_to_datetime(wish) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):  # a date without a zone is none, either
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def describe(error: BaseException) -> str:
    """The reason of a model's failure and the fix, in one calm line without secrets.

    >>> describe(TimeoutError())
    'the model at the endpoint is too slow; check that it is loaded and not busy'
    """
    import httpx2
    import openai

    if isinstance(error, openai.APIStatusError):
        return _describe_status(error)
    if isinstance(error, (openai.APITimeoutError, httpx2.TimeoutException, TimeoutError)):
        fix = f", or raise {error.setting}" if isinstance(error, TooSlow) else ""
        return (
            f"the model at {_place(error)} is too slow; check that it is loaded and not busy{fix}"
        )
    if isinstance(error, (openai.APIConnectionError, httpx2.TransportError, OSError)):
        return _describe_connection(error)
    if isinstance(error, openai.APIError):
        if _too_long(error):
            return TOO_LONG
        return "the model's endpoint broke off with an error of its own; see its log"
    if isinstance(error, BrokenOff):
        return "the answer broke off before its end; see the log of the model's server"
    if isinstance(error, NoAnswer):
        return _describe_ending(error)
    if isinstance(error, _MALFORMED):
        return (
            "the model's endpoint did not answer in OpenAI's format; check OPENAI_BASE_URL, and "
            "see the endpoint's log"
        )
    return f"the model failed ({type(error).__name__}); see the log"


def _describe_ending(error: NoAnswer) -> str:
    reason = error.reason
    if reason in _TOOLS:
        return (
            "the model called a tool, though it was offered none; use another model, or switch "
            "tools off at its server"
        )
    if reason == "error":
        return "the model's endpoint ended the answer with an error of its own; see its log"
    named = f", {reason}" if _CODE.fullmatch(reason) else ""
    return (
        f"the model's endpoint gives a finish reason that is unknown{named}; so nobody knows "
        "whether the answer is whole"
    )


def _describe_status(error: APIStatusError) -> str:
    place, status = _place(error), error.status_code
    code = error.code if error.code and _CODE.fullmatch(error.code) else None
    if 300 <= status < 400:
        return f"{place} sends requests on to another address; set OPENAI_BASE_URL to that one"
    if status in (401, 403):
        return f"{place} refuses the key; check OPENAI_API_KEY"
    if status == 404:
        return (
            f"{place} knows no such model or path; check SCHOLIAST_MODEL, and that "
            "OPENAI_BASE_URL ends as its manual says (often /v1)"
        )
    if code == "insufficient_quota":
        return f"the account at {place} has no credit left; add some, or use another key"
    if status == 429:
        wait = retry_after(error)
        when = " a little later" if wait is None else f" in {wait:.0f} s"
        return f"{place} takes no more requests for now; try again{when}"
    if _too_long(error):
        return TOO_LONG
    if status >= 500:
        return f"{place} failed on its side (HTTP {status}); try again, or see its status page"
    why = f", {code}" if code else ""
    return (
        f"{place} refused the request (HTTP {status}{why}); check SCHOLIAST_MAX_TOKENS and the "
        "prompt's front matter"
    )


def _describe_connection(error: BaseException) -> str:
    place = _place(error)
    causes = list(_causes(error))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"{place} is not found; check OPENAI_BASE_URL and the network"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return f"nothing listens at {place}; start the model's server or check OPENAI_BASE_URL"
    if any("CERTIFICATE" in str(cause).upper() for cause in causes):
        return f"the certificate of {place} is not trusted; check OPENAI_BASE_URL"
    return f"the connection to {place} broke; check the network and the model's server"


def _too_long(error: APIError) -> bool:
    names = ("context_length_exceeded", "exceed_context_size_error")
    return error.code in names or error.type in names  # either may be of any type


def _place(error: BaseException) -> str:
    """Host and port of the endpoint; never its path, query or user, which may hold a key."""
    for cause in _causes(error):
        try:
            url = getattr(cause, "request", None)
        except RuntimeError:  # httpx raises where an error was given no request
            continue
        if url is not None:
            address = url.url
            port = f":{address.port}" if address.port else ""
            return f"{address.scheme}://{address.host}{port}"
    return "the endpoint"


def _causes(error: BaseException) -> list[BaseException]:
    causes: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in causes:
        causes.append(current)
        current = current.__cause__ or current.__context__
    return causes
