"""The prompts of a folder as an editor sees them: listed, read, checked as a draft, saved."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from chains.errors import ScholiastError, SettingError
from chains.prompts.checks import load_checked
from chains.prompts.findings import Finding
from chains.prompts.prompt import Prompt, find_prompt
from chains.prompts.prompt_file import LONGEST_FILE, Read, read_prompt_file
from chains.prompts.purposes import ANSWERING, purpose_of
from quart_app.workbench.checking import check_file

_CRLF = b"\r\n"


class NotSaved(ScholiastError):
    """A draft that was not written; the file is as it was."""


class SavedMeanwhile(NotSaved):
    """Somebody else has saved the file since it was read; `newer` is what it holds now."""

    def __init__(self, newer: PromptText) -> None:
        self.newer = newer
        super().__init__(
            f"{newer.name}.md was saved by somebody else after you had opened it. Nothing was "
            "written. Compare both texts, then save yours over the newer one or take the newer one."
        )


class HasErrors(NotSaved):
    """A draft that could not be used; the `findings` say why."""

    def __init__(self, name: str, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(f"{name}.md was not saved: the tutor could not use it. See the errors.")


@dataclass(frozen=True, slots=True)
class PromptText:
    """What a file holds, its line ends as LF. `file_version` is the digest of its bytes, without
    the parts that it includes."""

    name: str
    text: str
    file_version: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A prompt of the folder. With `answers` it is one to answer with; `in_use` says whether the
    server does so, or condenses by it. `problem` says why its file cannot be used, if so."""

    name: str
    description: str
    answers: bool
    in_use: bool
    problem: str | None


class PromptFolder:
    """The folder of prompts that a server uses, for one process.

    `in_use` are the names of those that the server asks by; `model` is as SCHOLIAST_MODEL names
    it. Whatever reads a file raises SettingError where there is none of the name, or none to read.
    """

    def __init__(self, folder: Path, in_use: Collection[str], model: str) -> None:
        self.folder = folder
        self._in_use = in_use
        self._model = model
        self._saving = asyncio.Lock()

    def prompts(self) -> list[Listed]:
        """All prompts by name, those that cannot be used among them."""
        return [self._listed(file) for file in sorted(self.folder.glob("*.md"))]

    def read(self, name: str) -> PromptText:
        """A prompt as its file stands; what is not UTF-8 is shown as �."""
        return _text_of(name, self._bytes(name))

    def check(self, name: str, text: str | None = None) -> tuple[Prompt | None, list[Finding]]:
        """The prompt with the `text` of a draft, or as it stands, and what is to be said of it."""
        file = find_prompt(name, self.folder)
        return check_file(file, self._model, _reading(file, text))

    def load(self, name: str, text: str | None = None) -> Prompt:
        """The prompt to answer with. Raises BadPrompt where it cannot be used."""
        file = find_prompt(name, self.folder)
        return load_checked(file, purpose_of(name), _reading(file, text))[0]

    def load_to_answer(self, name: str, text: str | None = None) -> Prompt:
        """The same. Raises SettingError also where it is for something else than answers."""
        if purpose_of(name) is not ANSWERING:
            raise SettingError(f"{name}.md answers no questions; choose answer.md or a variant")
        return self.load(name, text)

    async def save(self, name: str, text: str, file_version: str) -> PromptText:
        """Write a draft of what was read as `file_version`. Raises SettingError and NotSaved."""
        async with self._saving:
            return await asyncio.to_thread(self._save, name, text, file_version)

    def _save(self, name: str, text: str, file_version: str) -> PromptText:
        before = self._bytes(name)
        if (now := _text_of(name, before)).file_version != file_version:
            raise SavedMeanwhile(now)
        prompt, findings = self.check(name, text)
        if prompt is None:
            raise HasErrors(name, findings)
        content = text.replace("\r\n", "\n").encode()
        if _CRLF in before:
            content = content.replace(b"\n", _CRLF)
        file = find_prompt(name, self.folder).resolve()
        try:
            _replace(file, content)
        except OSError as error:
            raise NotSaved(
                f"{file} cannot be written ({error.strerror or error}). Nothing was changed. Keep "
                "your text elsewhere, or let the server write there and save again."
            ) from None
        return _text_of(name, content)

    def _bytes(self, name: str) -> bytes:
        file = find_prompt(name, self.folder)
        try:
            with file.open("rb") as opened:
                content = opened.read(LONGEST_FILE + 1)
        except OSError as error:
            raise SettingError(f"{file} cannot be read ({error.strerror or error})") from None
        if len(content) > LONGEST_FILE:  # what is cut must not be saved
            raise SettingError(f"{file} is longer than {LONGEST_FILE:,} bytes; shorten the file")
        return content

    def _listed(self, file: Path) -> Listed:
        name = file.stem
        description, problem = "", None
        try:
            description = read_prompt_file(file).front.description
            self.load(name)
        except ScholiastError as error:
            problem = str(error)
        answers = purpose_of(name) is ANSWERING
        return Listed(name, description, answers, name in self._in_use, problem)


def _text_of(name: str, content: bytes) -> PromptText:
    text = content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    return PromptText(name, text, sha256(content).hexdigest()[:12])


def _reading(file: Path, text: str | None) -> Read:
    """Reads the draft for the prompt itself, and files for its parts."""
    draft = None if text is None else text.encode()
    return lambda path: draft if draft is not None and path == file else path.read_bytes()


def _replace(file: Path, content: bytes) -> None:
    """Write a file at once: who reads it meanwhile gets the old or the new one. Raises OSError."""
    if not os.access(file, os.W_OK):  # replacing it would need the rights of its folder alone
        raise PermissionError(0, "it is read-only")
    new = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        with new.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        shutil.copymode(file, new)
        new.replace(file)
    finally:
        with suppress(OSError):
            new.unlink()
