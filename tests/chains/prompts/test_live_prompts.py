"""Prompts while their files are edited: the next question has the edit, or the last good one."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

import pytest

from chains.errors import SettingError
from chains.prompts.live_prompts import UNSETTLED_NS, LivePrompt, LivePrompts
from chains.prompts.prompt_file import FOLDER
from chains.prompts.purposes import ANSWERING, CONDENSING

ANSWER = (FOLDER / "answer.md").read_text(encoding="utf-8")
EDITED = ANSWER.replace("You are the tutor", "You are a tutor")
BROKEN = ANSWER.replace("{{ question }}", "{{ qestion }}")
LINE = BROKEN[: BROKEN.index("{{ qestion }}")].count("\n") + 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Prompts that were saved long ago."""
    prompts = tmp_path / "prompts"
    shutil.copytree(FOLDER, prompts)
    settle(prompts)
    return prompts


def settle(folder: Path) -> None:
    """Let all files be older than what a coarse clock could hide."""
    for file in folder.rglob("*.md"):
        seconds = file.stat().st_mtime - 2 * UNSETTLED_NS / 1e9
        os.utime(file, (seconds, seconds))


def live(folder: Path) -> LivePrompt:
    return LivePrompt(folder / "answer.md", ANSWERING)


def test_an_edit_is_used_by_the_next_question(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "scholiast.prompts")
    answer = live(folder)
    before = answer.current()
    (folder / "answer.md").write_text(EDITED, encoding="utf-8")
    after = answer.current()
    assert after.version != before.version
    assert "You are a tutor" in after.preview()[0].text
    assert answer.current() is after
    assert [record.message for record in caplog.records] == [
        f"prompt answer: version {after.version} is in use"
    ]


def test_a_broken_edit_is_refused_and_the_last_good_one_stays(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answer = live(folder)
    before = answer.current()
    (folder / "answer.md").write_text(BROKEN, encoding="utf-8")
    settle(folder)
    for _ in range(3):
        assert answer.current() is before
    (record,) = caplog.records
    assert (
        f"{folder / 'answer.md'}, line {LINE}: “qestion” is not among the inputs" in record.message
    )
    assert f"answer {before.version} stays in use" in record.message
    assert answer.problem is not None
    (folder / "answer.md").write_text(ANSWER, encoding="utf-8")
    assert answer.current().version == before.version
    assert answer.problem is None


def test_a_prompt_that_is_bad_from_the_start_is_refused(folder: Path) -> None:
    (folder / "answer.md").write_text(BROKEN, encoding="utf-8")
    with pytest.raises(SettingError, match=f"line {LINE}:"):
        live(folder)


def test_an_edit_of_a_part_is_used_and_a_part_that_was_missing_too(folder: Path) -> None:
    parts = folder / "parts"
    parts.mkdir(exist_ok=True)
    answer = live(folder)
    before = answer.current()
    text = ANSWER.replace("You are the tutor", '{% include "parts/who.md" %}\nYou are the tutor')
    (folder / "answer.md").write_text(text, encoding="utf-8")
    assert answer.current() is before
    assert "there is no part “who”" in str(answer.problem)
    (parts / "who.md").write_text("Be kind.", encoding="utf-8")
    assert answer.current().preview()[0].text.startswith("Be kind.\nYou are")
    settle(folder)
    answer.current()
    (parts / "who.md").write_text("Be stern", encoding="utf-8")
    assert answer.current().preview()[0].text.startswith("Be stern\n")


def test_a_save_in_the_same_moment_and_of_the_same_size_is_noticed(folder: Path) -> None:
    file = folder / "answer.md"
    answer = live(folder)
    file.write_text(EDITED, encoding="utf-8")
    moment = file.stat()
    first = answer.current()
    with file.open("r+", encoding="utf-8") as other:  # the same file, as another editor writes it
        other.write(EDITED.replace("reader asks while", "person asks while"))
    os.utime(file, ns=(moment.st_atime_ns, moment.st_mtime_ns))
    assert answer.current().version != first.version


def test_a_file_that_is_half_written_waits_for_its_rest(folder: Path) -> None:
    answer = live(folder)
    before = answer.current()
    with (folder / "answer.md").open("w", encoding="utf-8") as one:
        assert answer.current() is before  # emptied
        one.write(EDITED[:800])
        one.flush()
        assert answer.current() is before
        one.write(EDITED[800:])
    assert answer.current().version != before.version
    assert answer.problem is None


def test_two_who_save_at_once_leave_the_last_whole_file_in_use(folder: Path) -> None:
    answer = live(folder)
    before = answer.current()
    for name, text in (("one", EDITED), ("two", BROKEN), ("three", EDITED + "\nBe brief.")):
        saved = folder / f"{name}.tmp"
        saved.write_text(text, encoding="utf-8")
        saved.replace(folder / "answer.md")  # as editors do
        used = answer.current()
        assert used.version != before.version
        assert (answer.problem is not None) == (name == "two")
    assert used.preview()[-1].text.endswith("Be brief.")


def test_a_folder_that_vanishes_leaves_the_prompts_in_use(folder: Path) -> None:
    prompts = LivePrompts({"answer": live(folder)}, LivePrompt(folder / "condense.md", CONDENSING))
    before = prompts["answer"]
    folder.rename(folder.with_name("gone"))
    assert prompts["answer"] is before
    assert prompts.condensing.current().name == "condense"
    first, second = prompts.warnings()
    assert first.startswith("The prompt answer was edited and cannot be used (line 1); version ")
    assert str(folder) not in first + second
    folder.with_name("gone").rename(folder)
    assert prompts["answer"].version == before.version
    assert prompts.warnings() == []


def adding(expression: str) -> bytes:
    """The prompt with one more expression."""
    return ANSWER.replace("{{ question }}", f"{{{{ question }}}} {{{{ {expression} }}}}").encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\n", "is not UTF-8"),
        (b"", "the file is empty"),
        (ANSWER.split("system:")[0].encode(), "there is no line “user:”"),
        (ANSWER.replace("{{ question }}", "{{ ''.__class__ }}").encode(), "“__class__”"),
        (b"x" * 300_000, "is longer than 200,000 bytes"),
        (adding("9" * 6000), "beyond what a template can hold"),
        (adding(f"{'(' * 2000}question{')' * 2000}"), "the brackets are nested too deeply"),
        (adding(f"question{' | upper' * 3000}"), "its words are nested too deeply"),
        (adding(f"{'not ' * 20_000}question"), "its words are nested too deeply"),
    ],
)
def test_a_file_that_is_no_prompt_leaves_the_last_one_in_use(
    folder: Path, content: bytes, message: str
) -> None:
    answer = live(folder)
    before = answer.current()
    (folder / "answer.md").write_bytes(content)
    assert answer.current() is before
    assert message in str(answer.problem)
