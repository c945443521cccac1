"""What stands in the stream of an answer gives the same log again."""

from __future__ import annotations

import pytest

from chains.errors import ContentNotFound, ContextNotFound, ServiceUnavailable, StoreError
from chains.events import Delta, FinishedSentence, Proof, Sources, Thinking
from quart_app.answers.answer_log import AnswerLog, Entry, Failed
from quart_app.answers.kept_answer import KeptAnswer
from quart_app.chat.outbound import response
from quart_app.shared.streams import entries
from quart_app.shared.streams.answer_copy import AnswerCopy
from quart_app.shared.streams.entries import Gap, copy_entry, decode, encode, entry_of
from tests.support.scripted_tutor import BASIS, FINISH, SOURCE

SENTENCE = FinishedSentence(0, 4, 0.5, (Proof(1, "A gait is."),))
FAILURES = (
    ContextNotFound("chunk_1"),
    ContentNotFound((SOURCE,), touched=True, missing=("waterproofed",)),
    ServiceUnavailable("model", "https://endpoint.example refused a key", retry_after=7),
    StoreError("/a/path is in use"),
    ZeroDivisionError("a bug"),
)


def written() -> AnswerLog:
    log = AnswerLog()
    log.add(Sources((SOURCE,), BASIS))
    log.add(Thinking())
    for number in range(5):
        log.add(Delta(f"Wörter {number} 🦾 ", (SOURCE,) if number == 3 else ()))
    log.add(Delta("", sentences=(SENTENCE,)))
    log.add(FINISH)
    return log


def stream_of(log: AnswerLog) -> list[bytes]:
    """All entries of a log that has ended."""
    stream: list[bytes] = []
    sent = 0
    while not stream or (decode(stream[-1]).ended or decode(stream[-1]).failed) is None:
        is_first = not stream
        entry = entry_of(log, sent, with_sources=is_first, with_thinking=is_first, with_ending=True)
        sent += len(entry.contents)
        stream.append(encode(entry))
    return stream


async def followed(log: AnswerLog, after: int = -1) -> list[Entry]:
    return [entry async for entry in log.follow(after)]


async def test_a_log_is_the_same_again_for_followers_from_any_seq(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(entries, "MOST_DELTAS", 2)
    log, copy = written(), AnswerLog()
    stream = stream_of(log)
    assert len(stream) == 3
    for data in [*stream[:2], *stream[:2], *stream]:  # what comes twice does no harm
        copy_entry(decode(data), copy)
    assert (copy.deltas, copy.thinking) == (log.deltas, log.thinking)
    for seq in range(log.last_seq + 1):
        assert await followed(copy, seq) == await followed(log, seq)
    sources, *rest = await followed(copy)
    assert isinstance(sources, Sources)
    assert sources.sources == (SOURCE,)
    assert rest == (await followed(log))[1:]


def test_what_is_missing_is_noticed() -> None:
    log = written()
    rest = entry_of(log, 2, with_sources=True, with_thinking=False, with_ending=True)
    with pytest.raises(Gap):
        copy_entry(rest, AnswerLog())
    other = AnswerLog()
    for number in range(2):
        other.add(Delta(f"other {number}"))
    with pytest.raises(Gap):
        copy_entry(rest, other)


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
def test_a_failure_reads_the_same_and_brings_no_reason(error: Exception) -> None:
    log, copy = AnswerLog(), AnswerLog()
    log.fail(error)
    [data] = stream_of(log)
    copy_entry(decode(data), copy)
    said = []
    for each in (log, copy):
        assert isinstance(each.ending, Failed)
        said.append(response(KeptAnswer("query_1", "session_1", None), each.ending, "", 0).data)
    assert said[0] == said[1]
    assert not any(word in data for word in (b"endpoint.example", b"/a/path", b"a bug"))


@pytest.mark.parametrize("data", [b"", b"\x90", b"no MessagePack", encode({"seq": 1})])
async def test_a_stream_that_cannot_be_read_ends_the_copy_with_an_error(data: bytes) -> None:
    copy = AnswerCopy("query_1", "session_1", None, stream="a")
    copy.take([(b"1-0", {b"server": b"one", b"client": b""}), (b"2-0", {b"d": data})])
    assert isinstance(copy.log.ending, Failed)
    assert isinstance(copy.log.ending.error, ServiceUnavailable)
    assert copy.is_broken
