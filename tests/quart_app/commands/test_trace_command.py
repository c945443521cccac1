"""`scholiast trace`: what a person sees of kept answers, and what asking again shows."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import stat
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from quart_app.trace.facts import ranked
from quart_app.trace.record import Asked, Candidate, Frame, Outcome, Retrieval, Trace
from quart_app.trace.trace_folder import keep, read_all
from tests.support.commands import Served, refused, run, served
from tests.support.folders import copy_folder
from tests.support.talking import ask, client, receive

ZMP = "What is the zero moment point?"
FRANCE = "What is the capital of France?"
SHORT = Path(__file__).parents[3] / "prompts" / "answer.md"
HOSTILE = "\x1b[2J\x1b]0;title\x07<script>alert(1)</script>\u202e{{ 7 * 7 }}[bold]"


@pytest.fixture(scope="module")
def conversation(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose server kept traces of a question, a follow-up, and one of another subject."""
    folder = tmp_path_factory.mktemp("conversation")
    copy_folder(example_folder, folder / ".scholiast")
    with served(folder, SCHOLIAST_TRACE="1") as server:
        assert any("as plain text" in line for line in server.lines)
        asyncio.run(converse(server.url))
        assert server.end()[0] == 0
    return folder


async def converse(url: str) -> None:
    async with client(url) as socket:
        welcome = (await receive(socket))["data"]
        session = {name: welcome[name] for name in ("session_id", "session_token")}
        for question in (ZMP, "Why does it matter?", FRANCE):
            await ask(socket, question, **session)


@pytest.fixture
def beside(conversation: Path, alone: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The conversation's folder as the working directory; no server runs."""
    monkeypatch.chdir(conversation)
    monkeypatch.setenv("COLUMNS", "100")
    return conversation


@pytest.fixture
def hostile(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Trace:
    """A kept trace in `alone` of which every text tries to act."""
    monkeypatch.setenv("COLUMNS", "100")
    trace = Trace(
        query_id=f"query_{7:032x}",
        session=HOSTILE,
        accepted=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        server_version="0",
        asked=Asked(HOSTILE, page=HOSTILE),
        prompt=HOSTILE,
        version=HOSTILE,
        outcome=Outcome("completed", 5.0, model=HOSTILE),
        text=HOSTILE,
        retrieval=Retrieval(HOSTILE, 0.0, 1.0, (Candidate(1, "c", HOSTILE, HOSTILE, 1.0, 1.0),)),
        frames=(Frame(1.0, "response_chunk", 9, 0, HOSTILE),),
    )
    keep(alone / ".scholiast" / "traces", trace)
    return trace


def stored(folder: Path) -> dict[str, Trace]:
    """The kept traces by their questions."""
    return {trace.asked.question: trace for trace in read_all(folder / ".scholiast" / "traces")}


# Lists


def test_the_list_has_a_line_for_each_answer_newest_first(beside: Path) -> None:
    result = run("trace")
    assert (result.exit_code, result.stderr) == (0, "")
    head, *lines = result.stdout.splitlines()
    assert head.split() == ["asked", "id", "first", "total", "status", "question"]
    assert [re.split(r"  +", line.strip())[-1] for line in lines] == [
        FRANCE, "Why does it matter?", ZMP,
    ]  # fmt: skip
    assert "ContentNotFound" in lines[0]
    assert re.search(r"[0-9a-f]{8} +\d+ ms +\d+ ms +completed", lines[2])


@pytest.mark.usefixtures("beside")
def test_the_list_as_json_holds_the_traces() -> None:
    result = run("trace", "--json")
    assert [trace["asked"]["question"] for trace in json.loads(result.stdout)][2] == ZMP


@pytest.mark.usefixtures("alone")
def test_without_traces_one_line_says_how_to_keep_some() -> None:
    result = run("trace")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.count("\n") == 1
    assert "set SCHOLIAST_TRACE=1" in result.stderr
    assert run("trace", "--json").stdout == "[]\n"
    assert "set SCHOLIAST_TRACE=1" in refused(1, "trace", "last")


# One answer


def test_an_answer_is_shown_with_all_that_led_to_it(
    beside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    trace = stored(beside)[ZMP]
    said = run("trace", trace.query_id[:14]).stdout
    assert said.startswith(f"{trace.query_id}\n")
    sections = ["Answer", "Timeline", "Candidates", "Calls of the model", "Frames"]
    places = [said.index(f"\n{name}\n") for name in sections]
    assert places == sorted(places)
    assert f"\nPrompt answer, version {trace.version}\n" in said
    assert re.search(r"gate +relevance 0\.\d{3} ≥ 0\.500, passed", said)
    scores = rf"  \[{trace.cited[0]}\] +[01]\.\d{{3}} +0\.\d{{3}}  "
    assert re.search(scores + "Balance > The zero moment point .*cited", said)
    assert re.search(r"7 +0\.\d{3} +0\.\d{3}  \S", said)
    assert re.search(r"\d+ ms  response_start +-1 +\d+ +6 sources", said)
    assert re.search(r"\d+ ms  response_end +\d+ +\d+ +completed", said)
    assert "system:\n  You are the tutor of a book." in said
    assert "The reader asks: What is the zero moment point?" in said


@pytest.mark.parametrize("columns", ["80", "119"])
def test_the_files_of_candidates_are_whole_from_80_columns_on(
    beside: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    trace = stored(beside)[ZMP]
    said = run("trace", trace.query_id).stdout
    files = {row.candidate.file for row in ranked(trace)[:6]}
    assert len(files) > 1
    assert not [file for file in files if file not in said]


def test_a_follow_up_shows_what_was_searched_for(beside: Path) -> None:
    said = run("trace", stored(beside)["Why does it matter?"].query_id).stdout
    assert re.search(r"follows +2 earlier messages", said)
    condensed = (
        r"condensed +Why does it matter\? \(What is the zero moment point\?\) \(by the rule\)"
    )
    assert re.search(condensed, said)


@pytest.mark.usefixtures("beside")
def test_last_is_the_newest_and_a_shut_gate_says_so() -> None:
    said = run("trace", "last").stdout
    assert re.search(r"gate +relevance 0\.\d{3} < 0\.500, shut: the book does not cover it", said)
    assert "not rendered: the model was not asked" in said
    assert "CONTENT_NOT_FOUND" in said


def test_json_is_the_stored_object(beside: Path) -> None:
    trace = stored(beside)[ZMP]
    printed = json.loads(run("trace", trace.query_id, "--json").stdout)
    (file,) = (beside / ".scholiast" / "traces").glob(f"*{trace.query_id}.json")
    assert printed == json.loads(file.read_text("utf-8"))


@pytest.mark.usefixtures("beside")
def test_an_unknown_id_is_refused_with_the_way_to_known_ones() -> None:
    assert "`scholiast trace` lists" in refused(1, "trace", "query_zzz")


@pytest.mark.usefixtures("beside")
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["last", "--prompt", "short"], "only with --replay"),
        (["last", "--replay", "--prompt", "a,b"], "takes a name"),
        (["--replay"], "Give the QUERY_ID"),
        (["--html", "-"], "Give the QUERY_ID"),
        (["last", "--html", "-", "--json"], "with --json or --replay"),
        (["last", "--html", "-", "--replay"], "with --json or --replay"),
    ],
)
def test_wrong_use_ends_with_2(arguments: list[str], problem: str) -> None:
    result = run("trace", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert problem in result.stderr


# Terminals


@pytest.mark.parametrize("columns", [40, 60, 79, 80, 120])
def test_a_line_is_never_longer_than_the_terminal(
    beside: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for arguments in (["trace"], *(["trace", t.query_id] for t in stored(beside).values())):
        lines = run(*arguments).stdout.splitlines()
        assert max(map(len, lines)) <= columns


@pytest.mark.usefixtures("beside")
def test_colors_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("trace", "last").output
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in run("trace", "last").output
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("trace", "last").output


@pytest.mark.usefixtures("hostile")
def test_no_text_acts_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in (["trace"], ["trace", "last"]):
        said = run(*arguments).output
        assert not set("\x1b\x07\u202e") & set(said)
        assert "\\x1b[2J" in said
    assert "[bold]" in said


# Pages


class Reading(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_holds_everything_and_needs_nothing(beside: Path, tmp_path: Path) -> None:
    trace = stored(beside)[ZMP]
    file = tmp_path / "trace.html"
    file.touch(mode=0o644)
    assert run("trace", trace.query_id, "--html", str(file)).output == ""
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    page = Reading(file.read_text("utf-8"))
    assert run("trace", trace.query_id, "--html", "-").stdout == file.read_text("utf-8")
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "a", "form", "object"}
    policy = next(a["content"] for _, a in page.tags if "http-equiv" in a)
    assert policy
    assert policy.startswith("default-src 'none';")
    assert "script-src" not in policy
    assert not [a for _, a in page.tags if {"src", "href", "style"} & a.keys()]
    assert trace.retrieval
    for text in (trace.text, *(m.text for m in trace.messages), trace.query_id, "0.500, passed"):
        assert text in page.text
    for found in trace.retrieval.candidates:
        assert f"{found.cosine:.3f}" in page.text


def test_no_text_acts_on_the_page(hostile: Trace) -> None:
    written = run("trace", "last", "--html", "-").stdout
    assert not set("\x1b\x07\u202e") & set(written)
    page = Reading(written)
    assert "script" not in {tag for tag, _ in page.tags}
    assert (
        page.text.count("\\x1b[2J\\x1b]0;title\\x07<script>alert(1)</script>\\u202e{{ 7 * 7 }}") > 5
    )


# Asking again


def test_without_a_server_one_of_its_own_answers_again_and_keeps_a_trace(
    example_copy: Path, conversation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(conversation, example_copy)
    monkeypatch.setenv("COLUMNS", "100")
    kept = stored(example_copy.parent)[ZMP]
    result = run("trace", kept.query_id, "--replay")
    assert result.exit_code == 0, result.output
    for name in ("status", "prompt", "version", "model", "sources", "text"):
        assert re.search(rf"^{name} +=", result.stdout, re.MULTILINE), name
    assert result.stdout.count("completed") == 2
    assert len(read_all(example_copy / "traces")) == 4


def test_another_prompt_is_compared_with_the_kept_answer(
    example_copy: Path, conversation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(conversation, example_copy)
    monkeypatch.setenv("SCHOLIAST_PROMPTS", str(prompts(example_copy.parent / "prompts")))
    kept = stored(example_copy.parent)[ZMP]
    result = run("trace", kept.query_id, "--replay", "--prompt", "short", "--json")
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert printed["kept"]["query_id"] == kept.query_id != printed["again"]["query_id"]
    assert (printed["kept"]["prompt"], printed["again"]["prompt"]) == ("answer", "short")
    assert printed["kept"]["version"] == kept.version != printed["again"]["version"]
    assert printed["kept"]["text"] == kept.text != printed["again"]["text"]
    assert printed["again"]["text"].startswith("In short:")
    monkeypatch.setenv("COLUMNS", "60")
    shown = run("trace", kept.query_id, "--replay", "--prompt", "short").stdout
    assert re.search(r"^prompt +≠ +answer +short *$", shown, re.MULTILINE)
    assert "\nText, asked again\n" in shown
    assert "there is no prompt “none”" in refused(
        2, "trace", kept.query_id, "--replay", "--prompt", "none"
    )


def test_a_follow_up_is_asked_again_as_it_was_condensed(
    example_copy: Path, conversation: Path
) -> None:
    bring(conversation, example_copy)
    kept = stored(example_copy.parent)["Why does it matter?"]
    result = run("trace", kept.query_id, "--replay")
    assert result.exit_code == 0, result.output
    assert "A follow-up, asked as it was condensed, without its history:" in result.stdout
    assert "Why does it matter? (What is the zero moment point?)" in result.stdout


def test_a_question_without_an_answer_ends_with_1_and_is_compared_all_the_same(
    example_copy: Path, conversation: Path
) -> None:
    bring(conversation, example_copy)
    result = run("trace", "last", "--replay", "--json")
    assert result.exit_code == 1
    printed = json.loads(result.stdout)
    assert (printed["kept"]["status"], printed["again"]["status"]) == ("CONTENT_NOT_FOUND",) * 2


def test_a_running_server_answers_again_with_the_prompts_that_it_offers(
    running: Served, conversation: Path, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(conversation, running.folder / ".scholiast")
    monkeypatch.chdir(running.folder)
    kept = stored(running.folder)[ZMP]
    printed = json.loads(run("trace", kept.query_id, "--replay", "--json").stdout)
    assert printed["again"]["text"] == kept.text
    line = refused(1, "trace", kept.query_id, "--replay", "--prompt", "short")
    assert "SCHOLIAST_PROMPT_VARIANTS=short" in line


def bring(conversation: Path, data: Path) -> None:
    """The conversation's traces into another data folder."""
    shutil.copytree(conversation / ".scholiast" / "traces", data / "traces", dirs_exist_ok=True)


def prompts(folder: Path) -> Path:
    """A folder of prompts with a variant, `short`."""
    folder.mkdir()
    answer = SHORT.read_text("utf-8")
    (folder / "answer.md").write_text(answer, "utf-8")
    (folder / "short.md").write_text(answer.replace("From “{section}”:", "In short:"), "utf-8")
    return folder
