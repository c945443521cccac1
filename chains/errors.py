"""The errors that Scholiast raises on purpose, in all of its packages.

ScholiastError
├── SettingError            a setting is missing or wrong; a command exits with 2
│   └── BadPrompt           a prompt file cannot be used (chains.prompts.findings)
├── StoreError              the index cannot be used as it stands; a command exits with 1
│   ├── DamagedIndex        it cannot be read, for no reason outside of it
│   └── IndexInUse          another process has it open
│       └── NotReached      which is a server, and does not answer the author
│                           (quart_app.commands.authoring.server_client)
├── ContextNotFound         a question names a chunk that the index lacks
├── ContentNotFound         the book does not cover the question
├── ServiceUnavailable      model, embeddings or index did not answer in time
├── TraceNotFound           no kept trace has this id (quart_app.trace.trace_folder)
├── NotSaved                a draft of a prompt that was not written (quart_app.workbench)
│   ├── HasErrors           it has findings that are errors
│   └── SavedMeanwhile      its file was saved since it was read
├── OneIsRunning            another ingestion runs (quart_app.authors.ingestions)
├── OtherFolder             a path that is not the book's folder (quart_app.authors.ingestions)
└── NotAsked                the server refused a question to replay (quart_app.commands.replay)
"""

from __future__ import annotations

import errno

from chains.bad_values import beyond_bounds
from chains.events import Source


class ScholiastError(Exception):
    """Base of every error that Scholiast raises on purpose.

    ``str(error)`` is one line for a person: it names the thing and the fix.
    """


class SettingError(ScholiastError):
    """A setting is missing, malformed, or contradicts another one."""


class StoreError(ScholiastError):
    """The index is missing, in use, or belongs to another book, schema or embedding."""


class DamagedIndex(StoreError):
    """The index at `place` cannot be read, for no reason outside of it."""

    def __init__(self, place: object, reason: str) -> None:
        super().__init__(
            f"The index in {place} is damaged ({reason}); run `scholiast ingest PATH --replace`, "
            "which keeps it until the new one is whole."
        )


def newer_index(place: object) -> StoreError:
    """The error for an index that this release is too old for. Nothing is wrong with it."""
    return StoreError(
        f"A newer release of Scholiast wrote the index in {place}; upgrade this one "
        "(`pip install --upgrade scholiast`). The index is as it was."
    )


class IndexInUse(StoreError):
    """Another process has the embedded index open."""


class ContextNotFound(ScholiastError):
    """A question names a chunk that the index lacks."""

    def __init__(self, chunk_id: str) -> None:
        self.chunk_id = chunk_id
        super().__init__(f"{chunk_id} is not in the book; select the passage again.")


class ContentNotFound(ScholiastError):
    """The book does not cover the question; `suggestions` are the nearest sections.

    With `touched`, the first of them is about something near; `missing` are words of the question
    that the whole book lacks.
    """

    def __init__(
        self,
        suggestions: tuple[Source, ...],
        *,
        touched: bool = False,
        missing: tuple[str, ...] = (),
    ) -> None:
        self.suggestions = suggestions
        said = "The book does not seem to cover this."
        if touched and suggestions:
            lacks = " or ".join(f"“{word}”" for word in missing)
            rest = f"says nothing about {lacks}" if lacks else "does not seem to answer it"
            said = f"The book touches this in “{suggestions[0].section}”, but {rest}."
        super().__init__(f"{said} The nearest sections are listed.")


class ServiceUnavailable(ScholiastError):
    """`service` ("model", "embeddings" or "index") failed; `reason` is for the log and doctor.

    `retry_after` is the seconds, at least 1, after which the service itself wants to be asked
    again, where it named any.
    """

    def __init__(self, service: str, reason: str, *, retry_after: int | None = None) -> None:
        self.service = service
        self.reason = reason
        self.retry_after = retry_after
        super().__init__(f"The {service} did not answer: {reason}")


EXHAUSTED = {errno.ENOMEM, errno.EMFILE, errno.ENFILE}
ADVICE = {
    errno.EACCES: "let this user read and write there",
    errno.EPERM: "let this user read and write there",
    errno.EROFS: "name a place that can be written",
    errno.ENOSPC: "make room and run this again",
    errno.EDQUOT: "make room and run this again",
    errno.ENOMEM: "give this machine more memory, or end what else needs it",
    errno.EMFILE: "allow this process more open files (`ulimit -n`)",
    errno.ENFILE: "allow this machine more open files",
}


def os_words(error: OSError) -> str:
    """What the system refused, and the fix where there is a usual one, in one line.

    >>> os_words(PermissionError(13, "Permission denied", "/data/index"))
    '/data/index: Permission denied; let this user read and write there.'
    """
    place = f"{error.filename}: " if error.filename else ""
    advice = ADVICE.get(error.errno or 0)
    return f"{place}{error.strerror or error}" + (f"; {advice}." if advice else "")


def first_line(error: BaseException) -> str:
    """What an error says, as one short line."""
    beyond = beyond_bounds(error)
    return beyond or (str(error).strip() or type(error).__name__).splitlines()[0][:200]
