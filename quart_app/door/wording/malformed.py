"""What is wrong with a request that cannot be read, in words for its sender and for the operator.

h11 says it in words of its own, which name its parts and repeat what was sent.
"""

from __future__ import annotations

import re

from quart_app.door.refusals import Refusal

TLS = b"\x16\x03"
"""How a TLS handshake begins: its kind of record, and the major version (RFC 8446, 5.1)."""
TLS_LINE = r"illegal request line: bytearray(b'\x16\x03"
LINE = re.compile(r"illegal request line: bytearray\(b.(?P<method>\S+) .* HTTP/\d\.\d.\)")
"""How h11 shows a line that has all parts of one; as Python writes bytes, so without line ends."""
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What a method may be (RFC 9110, 5.6.2)."""
NO_PROXY_DOES = "No browser and no proxy sends such requests."

IS_TLS = Refusal(
    400,
    "This is TLS, and the port has none.",
    "Let clients and the proxy ask by http, or give certfile and keyfile in hypercorn.toml.",
)
NO_REQUEST = Refusal(
    400,
    "This is not HTTP/1.1: it does not begin with a method, an address and a version.",
    "It may be another protocol, or a client that looks for open ports.",
)
TOO_LONG = Refusal(
    431,
    "The address or the headers of the request are too long.",
    "A long cookie of another program on the same host does that, too; the bound is "
    "h11_max_incomplete_size in hypercorn.toml, in bytes.",
)
CODED = Refusal(501, "The only Transfer-Encoding here is chunked.", NO_PROXY_DOES)
BAD_METHOD = Refusal(400, "The method of the request is none of HTTP.", NO_PROXY_DOES)
BAD_TARGET = Refusal(
    400, "The address of the request has a character that must be written as %XX.", NO_PROXY_DOES
)
BAD_HEADER = Refusal(400, "A header of the request is malformed.", NO_PROXY_DOES)
UNKNOWN = Refusal(400, "This is not HTTP/1.1.", NO_PROXY_DOES)

REASONS = {
    "illegal request line": NO_REQUEST,
    "no request line": Refusal(400, "The request begins with an empty line.", NO_PROXY_DOES),
    "illegal header line": BAD_HEADER,
    "continuation line": BAD_HEADER,
    "Missing mandatory Host": Refusal(
        400, "The request has no Host.", "A proxy has to pass it on."
    ),
    "Found multiple Host": Refusal(
        400, "The request has more than one Host.", "A proxy has to pass on one."
    ),
    "bad Content-Length": Refusal(400, "The Content-Length is no number.", NO_PROXY_DOES),
    "conflicting Content-Length": Refusal(
        400, "The request has two different Content-Lengths.", NO_PROXY_DOES
    ),
    "multiple Transfer-Encoding": CODED,
    "Only Transfer-Encoding": CODED,
    "illegal chunk header": Refusal(
        400, "The length of a chunk of the body is malformed.", NO_PROXY_DOES
    ),
    "malformed chunk footer": Refusal(
        400, "A chunk of the body is longer or shorter than it says.", NO_PROXY_DOES
    ),
    "Receive buffer too long": TOO_LONG,
}
"""By the beginning of what h11 says."""


def what_is_wrong(error: BaseException | None, unread: bytes) -> Refusal:
    """What to say of `error`, of h11, which left the bytes `unread`.

    >>> what_is_wrong(ValueError("illegal request line: bytearray(b'G(T / HTTP/1.1')"), b"").message
    'The method of the request is none of HTTP.'
    """
    said = str(error)
    if unread.startswith(TLS) or said.startswith(TLS_LINE):
        return IS_TLS
    if (line := LINE.fullmatch(said)) is not None:
        return BAD_TARGET if TOKEN.fullmatch(line["method"]) else BAD_METHOD
    return next((own for start, own in REASONS.items() if said.startswith(start)), UNKNOWN)
