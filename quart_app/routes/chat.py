"""/ws/chat: the socket of readers."""

from __future__ import annotations

from quart import Blueprint, ResponseReturnValue, websocket

from chains.book_names import NoSuchBook
from quart_app.chat.outbox import Close
from quart_app.door.addresses import address_key
from quart_app.door.refusals import Refusal
from quart_app.routes.current import book_asked_for, services
from quart_app.routes.sockets.handshake import (
    PLAIN,
    accept,
    chat_socket,
    end,
    note,
    refusal_of_handshake,
    refuse,
    without_upgrade,
)
from quart_app.routes.sockets.welcome import welcome
from quart_app.trace.visible import visible

chat = Blueprint("chat", __name__)

NO_SUCH_BOOK = Refusal(
    404,
    "There is no such book here.",
    "`scholiast status` names those that there are; the server serves those that it found when it "
    "started.",
)


@chat.websocket("/ws/chat")
async def ws_chat() -> ResponseReturnValue | None:
    """One reader's connection, from handshake to close."""
    address = address_key(websocket.remote_addr or "")
    if (refusal := refusal_of_handshake(address)) is not None:
        return refuse(refusal)
    s = services()
    try:
        book = book_asked_for()
    except NoSuchBook as error:
        note(NO_SUCH_BOOK)
        return f"{visible(str(error))}\n", NO_SUCH_BOOK.status, PLAIN
    socket = chat_socket(s, address, book)
    with s.connections.admit(address, socket.leave):
        await accept()
        try:
            await socket.run(await welcome(s, address, book))
        except Close as close:
            await end(close)
    return None


@chat.get("/ws/chat")
async def plain() -> ResponseReturnValue:
    """What a proxy makes of a handshake if it does not know websockets."""
    return without_upgrade()
