"""The checks of a prompt: each way to break `answer.md` is found, with its line and a fix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from chains.prompts.checks import check, load_checked
from chains.prompts.findings import BadPrompt, Finding
from chains.prompts.model_checks import check_model_of
from chains.prompts.prompt_file import FOLDER
from chains.prompts.purposes import ANSWERING, purpose_of

ANSWER = (FOLDER / "answer.md").read_text(encoding="utf-8")
SOURCES = """\
{% for source in sources %}
{% if source.kind | default("") == "solution" %}
The next source solves an exercise. The reader has not asked for its solution: give a hint at most.
{% endif %}
{{ source.content | fenced("source", number=source.index, chapter=source.chapter, section=source.section) }}
{% endfor %}
"""  # noqa: E501
CITE = "- End each sentence with the number of the source that it comes from, in square brackets: [1], or [1][3].\n"  # noqa: E501
ASK = "The reader asks: {{ question }}"
LOOPS = "{% for a in question %}{% for b in question %}.{% endfor %}{% endfor %}"
QUESTION_INPUT = """\
  question:
    description: What the reader asks.
    example: Why does the ZMP have to stay inside the support polygon?
"""


def checked(folder: Path, text: str, name: str = "answer") -> list[Finding]:
    file = folder / f"{name}.md"
    file.write_text(text, encoding="utf-8")
    return check(file, purpose_of(name))[1]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.md")))
def test_the_prompts_of_the_package_have_nothing_to_mend(name: str) -> None:
    assert check(FOLDER / f"{name}.md", purpose_of(name))[1] == []


@pytest.mark.parametrize("part", ["rules", "sources"])
def test_what_the_variants_share_stands_in_the_prompt_for_answers_in_the_same_words(
    part: str,
) -> None:
    answer = (FOLDER / "answer.md").read_text(encoding="utf-8")
    lines = (FOLDER / "parts" / f"{part}.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line not in answer.splitlines()] == []


@pytest.mark.parametrize(
    ("before", "after", "at", "rule", "message"),
    [
        ("{{ question }}", "{{ qestion }}", "qestion", "input", "“qestion” is not among the"),
        ("max_words: 64", "max_word: 64", "max_word", "front-matter", "is not a setting"),
        ("max_words: 64", "temperature: 3", "temperature", "front-matter", "has to be 2.0 or less"),
        ("lead_in:", "lead_in: [", "lead_in_unsure", "front-matter", "is not YAML"),
        (QUESTION_INPUT, "  question: {example: ''}\n", "question:", "example", "needs an example"),
        ("\nuser:\n", "\nUser:\n", "User:", "role", "“User:” is not a role"),
        ("\nuser:\n", "\nsystem:\n", "system:\nSources", "role", "stands twice or too late"),
        ("{% endfor %}\n\n{% endif %}", "\n{% endif %}", "", "template", "endif"),
        ("{{ question }}", "{{ question.__class__ }}", "__class__", "template", "“__class__”"),
        # These five passed every check.
        (SOURCES, "", "sources:", "unused", "“sources” is never used"),
        (ASK, "", "question:", "unused", "“question” is never used"),
        (SOURCES.splitlines()[4], "{{ source.index }} {{ source.content }}",
         "{{ source.index", "fence", "“source.content” stands outside a fence"),
        (CITE, "", "system:", "cite", "no rule says that the model cites"),
        ("\nhistory:\n", "\nassistant:\nThe ZMP is a point [1].\n\nhistory:\n", "assistant:",
         "role", "“assistant:” is not a role"),
    ],
)  # fmt: skip
def test_each_edit_that_breaks_the_tutor_is_told(
    tmp_path: Path, before: str, after: str, at: str, rule: str, message: str
) -> None:
    text = ANSWER.replace(before, after, 1)
    assert text != ANSWER
    (finding,) = checked(tmp_path, text)
    assert finding.file == tmp_path / "answer.md"
    assert (finding.rule, finding.level == "note") == (rule, False)
    assert message.replace("`", "") in finding.message
    assert finding.fix
    if at:
        assert finding.line == line_of(text, at)


@pytest.mark.parametrize(
    ("before", "after", "rule", "message"),
    [
        ("{% if selections %}", "{% if question == 'x' and selections %}", None, ""),
        ("{{ selection.text | fenced(\"selection\", page=selection.page) }}", "A passage.",
         None, ""),
        ("number=source.index, ", "", "cite", "without the numbers"),
        ("      - text: The foot", "      - txt: The foot", "example", "“text” is missing"),
        ("        chapter: Balance and Gait\n        section: Balance > Zero",
         "        section: Balance > Zero", "example", "“chapter” is missing"),
        ("      - index: 2\n", "      - index: two\n", "example", "“index” is a text instead of"),
        ("      - index: 2\n", "      - index: 2\n        year: 9\n", "example", "no “year”"),
        ("You are the tutor", "{{ question }} You are the tutor", "fence", "“question” stands"),
        ("The reader asks: ", LOOPS, "rendering", "10,000 steps (rendered with the longest"),
    ],
)  # fmt: skip
def test_what_works_badly_is_told_too(
    tmp_path: Path, before: str, after: str, rule: str | None, message: str
) -> None:
    text = ANSWER.replace(before, after, 1)
    assert text != ANSWER
    findings = checked(tmp_path, text)
    assert [finding.rule for finding in findings] == ([rule] if rule else [])
    assert all(message in finding.message for finding in findings)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("question", "{{ question }}", "{{ question[:0] }}"),
        ("question", "{{ question }}", "{% if 0 %}{{ question }}{% endif %}"),
        ("question", "{{ question }}", "{% if selections %}{{ question }}{% endif %}"),
        ("sources", "{{ source.content |", "{{ source.content[:0] |"),
        ("sources", "{{ source.content |", "{{ source.chapter |"),
    ],
)
def test_what_is_used_but_not_shown_to_the_model_is_refused(
    tmp_path: Path, name: str, before: str, after: str
) -> None:
    text = ANSWER.replace(before, after, 1)
    assert text != ANSWER
    (finding,) = checked(tmp_path, text)
    assert (finding.rule, finding.level) == ("unused", "error")
    assert finding.message == f"“{name}” is used, but not always shown to the model"
    line = "{% for source" if name == "sources" else after
    assert finding.line == line_of(text, line)


def test_a_prompt_that_does_not_fit_its_example_is_named_at_the_example(tmp_path: Path) -> None:
    (finding,) = checked(
        tmp_path, ANSWER.replace("      - text: The foot", "      - txt: The foot")
    )
    assert (finding.level, finding.line) == ("error", line_of(ANSWER, "selections:"))


IF, END = "{% if question %}", "{% endif %}"


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        (f"{IF * 300}{{{{ question }}}}{END * 300}", "“if” and “for” are nested too deeply"),
        (f"{'{% for a in sources %}' * 21}.{'{% endfor %}' * 21}", "“for” are nested too deeply"),
        (f"{{{{ {'(' * 100}question{')' * 100} }}}}", "the brackets are nested too deeply"),
        (f"{{{{ question{' | trim' * 200} }}}}", "its words are nested too deeply"),
    ],
)
def test_what_is_nested_too_deeply_is_named_with_its_line(
    tmp_path: Path, tag: str, message: str
) -> None:
    (finding,) = checked(tmp_path, ANSWER.replace("{{ question }}", f"\n{tag}", 1))
    assert finding.line == line_of(ANSWER, "{{ question }}") + 1
    assert message in finding.message
    assert "at most 10 “if” and “for”" in finding.fix


@pytest.mark.parametrize("role", ["user:", "assistant:", "User:"])
def test_a_part_that_holds_the_line_of_a_role_is_refused(tmp_path: Path, role: str) -> None:
    (tmp_path / "parts").mkdir()
    part = tmp_path / "parts" / "rules.md"
    part.write_text(f"Be kind.\n{role}\nHello.\n", encoding="utf-8")
    (finding,) = checked(tmp_path, ANSWER.replace(CITE, CITE + '{% include "parts/rules.md" %}\n'))
    assert (finding.file, finding.line, finding.rule) == (part, 2, "role")


def test_aliases_that_unfold_without_end_are_refused_at_once(tmp_path: Path) -> None:
    rows = ["- &a0 lol", *(f"- &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))]
    example = "".join(f"\n      {row}" for row in rows)
    text = ANSWER.replace(" Why does the ZMP have to stay inside the support polygon?", example, 1)
    (finding,) = checked(tmp_path, text)
    assert (finding.line, finding.rule) == (line_of(text, "*a0"), "front-matter")
    assert finding.message == "the front matter uses an alias (*a0)"


@pytest.mark.parametrize(
    ("before", "after", "at"),
    [
        ("max_words: 64", "max_words: 64\nmax_words: 6", "max_words: 6\n"),
        ("        page: Balance", "        page: Gait\n        page: Balance", "page: Balance"),
    ],
)
def test_a_key_that_stands_twice_is_refused(
    tmp_path: Path, before: str, after: str, at: str
) -> None:
    text = ANSWER.replace(before, after, 1)
    (finding,) = checked(tmp_path, text)
    assert (finding.line, finding.rule) == (line_of(text, at), "front-matter")
    assert finding.message.endswith("stands twice")


def test_the_blocks_of_a_part_count_with_those_around_it(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    part = tmp_path / "parts" / "deep.md"
    part.write_text(f"\n{IF * 6}\nx\n{END * 6}\n", encoding="utf-8")
    include = f'{IF * 5}{{% include "parts/deep.md" %}}{END * 5}'
    (finding,) = checked(tmp_path, ANSWER.replace("{{ question }}", f"{{{{ question }}}}{include}"))
    assert (finding.file, finding.line) == (part, 2)
    assert "nested too deeply" in finding.message


def test_a_field_that_only_the_example_has_is_refused(tmp_path: Path) -> None:
    text = ANSWER.replace("- index: ", "- year: 9\n        index: ").replace(
        "number=source.index", "number=source.index, year=source.year"
    )
    (tmp_path / "answer.md").write_text(text, encoding="utf-8")
    line = line_of(text, "{{ source.content")
    message = rf"line {line}: there is no “year” there \(rendered with what the tutor fills"
    with pytest.raises(BadPrompt, match=message):
        load_checked(tmp_path / "answer.md", ANSWERING)


def test_selections_that_are_never_shown_are_told(tmp_path: Path) -> None:
    start, end = ANSWER.index("{% if selections"), ANSWER.rindex("The reader asks")
    (finding,) = checked(tmp_path, ANSWER[:start] + ANSWER[end:], "brief")
    assert (finding.rule, finding.level) == ("unused", "warning")
    assert finding.line == line_of(ANSWER, "  selections:")


@pytest.mark.parametrize(
    ("model", "front", "window", "message"),
    [
        ("quotes", "", None, "heeds only lead_in, lead_in_unsure and max_words"),
        ("gpt-5-mini", "temperature: 0.2\n", None, "refuses a temperature other than 1"),
        ("big", "model: o3\ntemperature: 0.2\n", None, "the model o3 refuses a temperature"),
        ("big", "temperature: 0.2\n", None, ""),
        ("local", "max_tokens: 4000\n", 4096, " of max_tokens; the window"),
        ("local", "", 4096, ""),
    ],
)
def test_what_does_not_fit_the_model_is_told(
    tmp_path: Path, model: str, front: str, window: int | None, message: str
) -> None:
    file = tmp_path / "answer.md"
    file.write_text(ANSWER.replace("inputs:", f"{front}inputs:", 1), encoding="utf-8")
    prompt, _ = load_checked(file, ANSWERING)
    findings = list(check_model_of(file, prompt, model, window))
    assert len(findings) == (1 if message else 0)
    assert all(message in finding.message for finding in findings)


def test_the_models_own_tokenizer_is_asked_only_where_the_window_might_be_too_small(
    tmp_path: Path,
) -> None:
    file = tmp_path / "answer.md"
    file.write_text(ANSWER, encoding="utf-8")
    prompt, _ = load_checked(file, ANSWERING)

    def unasked(_: Sequence[str]) -> int:
        raise AssertionError

    assert not list(check_model_of(file, prompt, "local", 4096, count=unasked))
    assert not list(check_model_of(file, prompt, "local", 1000, count=lambda _: 1000))
    (finding,) = check_model_of(file, prompt, "local", 1000, count=lambda _: 1001)
    assert "the examples take 1,001 tokens; the window of local has 1,000" in finding.message
