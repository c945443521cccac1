"""A conversation in messages, at least one of each type, by name."""

from __future__ import annotations

from hashlib import sha256

from chains.events import FinishedSentence, Grounding, PromptVersion, Proof, Source
from quart_app.protocol.client_messages import (
    Cancel,
    CancelData,
    ClientMessage,
    GetStarters,
    GetStartersData,
    Ping,
    PingData,
    QuestionData,
    QuestionMessage,
    Resume,
    ResumeData,
    SelectionData,
)
from quart_app.protocol.messages import FEATURES, SUBPROTOCOL
from quart_app.protocol.server_messages import (
    BookInfo,
    Error,
    ErrorData,
    Limit,
    Pong,
    PongData,
    ResponseChunk,
    ResponseChunkData,
    ResponseEnd,
    ResponseEndData,
    ResponseStart,
    ResponseStartData,
    Resumed,
    ResumedData,
    ServerMessage,
    Starters,
    StartersData,
    Status,
    StatusData,
    Welcome,
    WelcomeData,
)

WHEN = "2026-01-31T10:00:00.000Z"
SESSION = "session_15f95b3c0a7d4e62b8f1c2d3e4a5b697"
QUERY = "query_a82feb341b9c4d50e7f60819a2b3c4d5"
TOKEN = "1769940000.hK3vN0cT9rXw2LqZ"  # noqa: S105 - opens nothing
MODEL = "quotes: quoted from the book, no language model connected"
INDEX = "237132cd5db43d46"
CONTENT = "The zero moment point is the point about which the tipping moments are zero. [1]"
SOURCE = Source(
    index=1,
    chunk_id="chunk_0384ccfe5b2a4d7198c6e0f1a2b3c4d5",
    file="03-motion/01-balance.mdx",
    chapter="Balance",
    section="Balance > The zero moment point",
    title="The zero moment point",
    url="/book/motion/balance#zmp",
    quote="The zero moment point is the point about which the tipping moments are zero.",
)
SENTENCE = FinishedSentence(start=0, end=76, support=1.0, proofs=(Proof(1, SOURCE.quote),))

EXAMPLES: dict[str, ClientMessage | ServerMessage] = {
    "a greeting": Welcome(
        timestamp=WHEN,
        data=WelcomeData(
            session_id=SESSION,
            session_token=TOKEN,
            server_version="0.1.0",
            features=FEATURES,
            protocol=SUBPROTOCOL,
            resume_window_s=120,
            session_lifetime_s=86_400,
            limits=(Limit("minute", 10, 10), Limit("idle_s", 1800)),
            model=MODEL,
            book=BookInfo("Humanoid Robots: A Short Textbook", INDEX),
        ),
    ),
    "about a selection": QuestionMessage(
        QuestionData(
            "Explain this.",
            (SelectionData("its zero moment point stays inside", "/book/motion/balance", "zmp"),),
            session_id=SESSION,
            session_token=TOKEN,
            client_query_id="q1",
            page="/book/motion/balance",
        )
    ),
    "about a source": QuestionMessage(QuestionData("Why?", (SOURCE.chunk_id,))),
    "its place": Status(timestamp=WHEN, data=StatusData(QUERY, "waiting", "q1", ahead=12)),
    "a thought": Status(timestamp=WHEN, data=StatusData(QUERY, "thinking", "q1")),
    "the sources": ResponseStart(
        timestamp=WHEN,
        data=ResponseStartData(
            query_id=QUERY,
            session_id=SESSION,
            session_token=TOKEN,
            seq=-1,
            estimated_duration=2000,
            sources=(SOURCE,),
            client_query_id="q1",
        ),
    ),
    "all of it": ResponseChunk(
        timestamp=WHEN,
        data=ResponseChunkData(QUERY, 0, CONTENT, True, (SOURCE,), (SENTENCE,)),
    ),
    "the end": ResponseEnd(
        timestamp=WHEN,
        data=ResponseEndData(
            query_id=QUERY,
            seq=0,
            status="completed",
            response_time_ms=51,
            first_chunk_ms=42,
            total_tokens=1147,
            tokens_estimated=False,
            sources_used=1,
            grounding=Grounding(sentences=1, supported=1),
            prompt=PromptVersion("answer", "f1019e0d00ca"),
            model=MODEL,
            index_version=INDEX,
            content_sha256=sha256(CONTENT.encode()).hexdigest(),
        ),
    ),
    "by the server's id": Cancel(CancelData(query_id=QUERY)),
    "by the client's id": Cancel(CancelData(client_query_id="q1")),
    "from the beginning": Resume(ResumeData(SESSION, TOKEN, -1, query_id=QUERY)),
    "it is here": Resumed(timestamp=WHEN, data=ResumedData(True, -1, QUERY, "q1")),
    "it is gone": Resumed(timestamp=WHEN, data=ResumedData(False, 3, QUERY, reason="expired")),
    "of a page": GetStarters(GetStartersData("https://robots.example/book/motion/balance")),
    "questions": Starters(timestamp=WHEN, data=StartersData(("What is the zero moment point?",))),
    "a refusal": Error(
        timestamp=WHEN,
        data=ErrorData("INVALID_MESSAGE", "`data` is missing.", False, param="data"),
    ),
    "a limit": Error(
        timestamp=WHEN,
        data=ErrorData(
            "RATE_LIMIT_EXCEEDED",
            "Too many questions in one minute. Ask again in 6 s.",
            True,
            retry_after=6,
            reason="minute",
            client_query_id="q1",
        ),
    ),
    "not in the book": Error(
        timestamp=WHEN,
        data=ErrorData(
            "CONTENT_NOT_FOUND",
            "The book does not seem to cover this. The nearest sections are listed.",
            False,
            query_id=QUERY,
            suggestions=(SOURCE,),
        ),
    ),
    "with a nonce": Ping(PingData("n1")),
    "bare": Ping(),
    "the reply": Pong(timestamp=WHEN, data=PongData(WHEN, "n1")),
}
