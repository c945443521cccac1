"""/ws/prompts: chat-v1 for authors, answered by a prompt of the folder or by a draft of one.

The first message carries the author's token, as a page can send no header with a handshake.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import cast

import msgspec
from quart import Blueprint, ResponseReturnValue, current_app, websocket

from chains.errors import SettingError
from chains.prompts.prompt import Prompt
from chains.tutor import ANSWER, TutorChain
from quart_app.answers.limit_store import Charge
from quart_app.answers.limits import Limits
from quart_app.answers.running import Answers
from quart_app.answers.session_store import SessionStore
from quart_app.answers.session_tokens import SessionTokens
from quart_app.chat.inbound import Refused
from quart_app.chat.outbound import refusal
from quart_app.chat.outbox import Close
from quart_app.chat.socket import ChatSocket
from quart_app.door.addresses import address_key, allowances
from quart_app.door.refusals import Refusal
from quart_app.protocol.prompt_opening import Opening
from quart_app.protocol.server_messages import encode
from quart_app.routes.authoring.admission import LOOKS, REFUSED, is_token
from quart_app.routes.current import services
from quart_app.routes.sockets.handshake import (
    CLOSE_TIMEOUT,
    accept,
    chat_socket,
    end,
    receive_text,
    refusal_of_handshake,
    refuse,
    without_upgrade,
)
from quart_app.routes.sockets.welcome import welcome
from quart_app.services import Services

prompt_runs = Blueprint("prompt_runs", __name__)

OPENING_TIMEOUT = 10.0
"""Seconds for the first message."""
MOST_RUNS = 10
"""Sockets that answer at a time, of all authors; more wait for one to close."""
RUNS = "scholiast.prompt_runs"
NOT_OPENED = (1008, "The first message did not open this socket.")
TOO_OFTEN = Refusal(
    429,
    "This address opens too many sockets in a minute. Try again later.",
    "It runs prompts, or guesses the author's token.",
    10,
)
FULL = f"{MOST_RUNS} prompts are being run already. Try again in a while."
NO_OPENING = "The first message has to be of the type “open”, with `token` and `prompt`."


@prompt_runs.websocket("/ws/prompts")
async def ws_prompts() -> ResponseReturnValue | None:
    """One run of a prompt, from handshake to close."""
    address = address_key(websocket.remote_addr or "")
    turned_away = refusal_of_handshake(address) or await _too_often(address)
    if turned_away is not None:
        return refuse(turned_away)
    s, socket = services(), cast("ChatSocket | None", None)

    def leave() -> None:
        if socket is not None:
            socket.leave()

    runs = current_app.extensions.setdefault(RUNS, asyncio.Semaphore(MOST_RUNS))
    with s.connections.admit(address, leave):
        await accept()
        try:
            prompt = await _open()
            if runs.locked():
                raise Refused("SERVICE_UNAVAILABLE", FULL, retry_after=5)
            async with runs, _run_of(s, prompt) as own:
                socket = chat_socket(own, address, own.books.default)
                if s.connections.is_draining:
                    socket.leave()
                await socket.run(await welcome(own, address, own.books.default))
        except Refused as refused:
            await _reply(refused)
            await end(Close(*NOT_OPENED))
        except Close as close:
            await end(close)
    return None


@prompt_runs.get("/ws/prompts")
async def plain() -> ResponseReturnValue:
    """What a proxy makes of a handshake if it does not know websockets."""
    return without_upgrade()


async def _open() -> Prompt:
    """The prompt that the first message names. Raises Refused, and Close where none comes."""
    try:
        async with asyncio.timeout(OPENING_TIMEOUT):
            frame = await receive_text()
    except TimeoutError:
        raise Close(*NOT_OPENED) from None
    try:
        data = msgspec.json.decode(frame, type=Opening).data
    except (msgspec.MsgspecError, RecursionError):
        raise Refused("INVALID_MESSAGE", NO_OPENING, "type") from None
    if not is_token(data.token):
        raise Refused("INVALID_MESSAGE", REFUSED, "token")
    folder = services().prompt_folder
    if folder is None:
        raise Refused("INVALID_MESSAGE", "This server has no folder of prompts.", "prompt")
    try:
        return await asyncio.to_thread(folder.load_to_answer, data.prompt, data.text)
    except SettingError as error:
        raise Refused("INVALID_MESSAGE", str(error), "text") from None


async def _reply(refused: Refused) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await websocket.send(encode(refusal(refused)))


async def _too_often(address: str) -> Refusal | None:
    """Charge the address for an opening, whether or not its token will be right."""
    seconds = LOOKS.period.total_seconds()
    charges = [
        Charge(f"prompts {key}", LOOKS.count * times, seconds)
        for key, times in allowances(address).items()
    ]
    return None if await services().limits.store.take(charges) is None else TOO_OFTEN


@asynccontextmanager
async def _run_of(s: Services, prompt: Prompt) -> AsyncIterator[Services]:
    """Services for one run: its prompt, a session that ends with it, the limits of everybody."""
    tutor = s.answers.tutor
    chain = TutorChain(
        tutor.retriever, {ANSWER: prompt}, tutor.model, tutor.condensing, tutor.spend,
        tutor.strictness,
    )  # fmt: skip
    lifetime = s.settings.session_lifetime
    sessions = SessionStore(SessionTokens(secrets.token_urlsafe(32), lifetime), lifetime)
    limits = Limits(
        s.limits.store, questions=(), sessions=(), messages=s.limits.messages,
        connections=s.limits.connections, by_session=False, everybody=s.limits.everybody,
    )  # fmt: skip
    answers = Answers(chain, sessions, window=0, at_work=1, metrics=s.metrics)
    try:
        yield replace(s, answers=answers, sessions=sessions, limits=limits)
    finally:
        await answers.close()
