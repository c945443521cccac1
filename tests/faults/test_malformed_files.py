"""Files that their parser refuses are named with the line and what is wrong, in our words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from chains.bad_values import malformed
from chains.errors import SettingError
from chains.prompts.prompt import load_prompt
from chains.settings import Settings
from ingestion.folder.book_folder import read_book_folder
from tests.support.commands import run

OF_PARSERS = re.compile(
    r"expected|while (?:scanning|parsing)|found |could not|token|flow|scalar|mapping|node|object"
    r"|Jinja|end of (?:template|document|stream)|attribute|undefined|iterable|supported|Invalid"
    r"|column|char\b|instances|at line|Unterminated|Unclosed"
)
INDENTED = "a line is indented wrong, or text stands behind a closing quotation mark"
COLON = 'a text with ": " in it needs quotes, or a line is indented wrong'
YAML = {
    'a: "x': (1, "a quotation mark is not closed"),
    "b: 1\na: 'x\n": (2, "a quotation mark is not closed"),
    "a: Gears: an introduction": (
        1,
        'a text with ": " in it needs quotes, or a line is indented wrong',
    ),
    "a: [1, 2": (1, "a bracket or a comma is missing"),
    "a: {b: 1": (1, "a bracket or a comma is missing"),
    "a: ]": (1, "a bracket or a comma is missing"),
    "b: 1\na: @x": (2, "a text needs quotes, since it begins with a sign of YAML"),
    'a: "\\q"': (1, "a backslash stands before what is no escape; write two of them"),
    "a:\n  - 1\n - 2": (3, INDENTED),
    'a: "b" c': (1, INDENTED),
    "a: !<": (1, "a tag (!) is malformed"),
    "a: &": (1, "an alias or anchor is malformed, or names what is nowhere above it"),
}
TOML = {
    'a = "x\nb"': (1, "a quotation mark is not closed"),
    "a = 1\na 2": (2, "a key has no value behind it"),
    "[a]\n[a]": (2, "a key or table stands twice"),
    "a = [1 2]": (1, "a bracket or a comma is missing"),
    "a = tru": (1, "a value or a sign does not fit where it stands"),
}
TEMPLATES = {
    "{{ question": "a {{, {% or {# is not closed",
    "{# x": "a {{, {% or {# is not closed",
    "{% if question %}": "“if” is not closed",
    "{% for a in names %}{% endif %}": "“for” is not closed before “endif”",
    "{% foo %}": "there is no “foo” here",
    "{{ question | }}": "a tag ends too soon",
    "{{ question) }}": "“)” does not fit there",
    "{{ 'x }}": "a tag cannot be read",
    "{{ question[5] }}": "there is no “5” there",
    "{{ question < 5 }}": "a value does not fit the filter, test or bracket",
    "{{ question | truncate('a') }}": "a value does not fit the filter, test or bracket",
    "{% for a in 5 %}{% endfor %}": "a loop goes through what is no list",
}
PROMPT = (
    "---\ndescription: x\ninputs:\n  question: {example: Why}\n  names: {example: [Ada]}\n---\n"
)


def in_our_words(said: str, reason: str) -> None:
    assert reason in said
    assert "\n" not in said
    assert not OF_PARSERS.search(said), said


@pytest.mark.parametrize("name", ["mkdocs.yml", "_config.yml", "_quarto.yml", "myst.yml"])
@pytest.mark.parametrize(("text", "fault"), YAML.items())
def test_a_configuration_that_is_no_yaml(
    tmp_path: Path, name: str, text: str, fault: tuple[int, str]
) -> None:
    (tmp_path / "index.md").write_text("# A page\n\nA text.\n")
    (tmp_path / name).write_text(text)
    with pytest.raises(SettingError, match=rf"{name} is not YAML: .*; mend it\.") as error:
        read_book_folder(tmp_path)
    in_our_words(str(error.value), fault[1])
    assert f"(line {fault[0]})" in str(error.value)


@pytest.mark.parametrize(("text", "fault"), TOML.items())
def test_a_configuration_that_is_no_toml(tmp_path: Path, text: str, fault: tuple[int, str]) -> None:
    (tmp_path / "index.md").write_text("# A page\n\nA text.\n")
    (tmp_path / "book.toml").write_text(text)
    with pytest.raises(SettingError, match=r"book\.toml is not TOML: .*; mend it\.") as error:
        read_book_folder(tmp_path)
    in_our_words(str(error.value), f"{fault[1]} (line {fault[0]})")


def test_front_matter_that_is_none(tmp_path: Path) -> None:
    kinds = (("---", "YAML", YAML), ("+++", "TOML", TOML))
    files: dict[str, tuple[str, str]] = {}
    for fence, kind, texts in kinds:
        for text, (at, reason) in texts.items():
            file = f"{len(files)}.md"
            (tmp_path / file).write_text(f"{fence}\n{text}\n{fence}\n\n# A page\n\nA text.\n")
            files[file] = (f"the front matter is not {kind}: {reason}", f"(line {at + 1})")
    skipped = {page.file: page.reason for page in read_book_folder(tmp_path).skipped}
    assert sorted(skipped) == sorted(files)
    for file, (reason, line) in files.items():
        in_our_words(skipped[file], reason)
        assert line in skipped[file]


@pytest.mark.parametrize(("template", "reason"), TEMPLATES.items())
def test_a_prompt_whose_template_is_none(tmp_path: Path, template: str, reason: str) -> None:
    (tmp_path / "greet.md").write_text(f"{PROMPT}user:\n{{{{ names }}}}\n{template}\n")
    with pytest.raises(SettingError, match=r"greet\.md, line 9: ") as error:
        load_prompt("greet", Settings.model_construct(prompts=tmp_path))
    in_our_words(str(error.value), reason)


def test_a_prompt_whose_front_matter_is_none(tmp_path: Path) -> None:
    for text, (_, reason) in YAML.items():
        (tmp_path / "greet.md").write_text(f"---\n{text}\n---\nuser:\n{{{{ question }}}}\n")
        with pytest.raises(SettingError, match="the front matter is not YAML: ") as error:
            load_prompt("greet", Settings.model_construct(prompts=tmp_path))
        in_our_words(str(error.value), reason)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("command", ["check", "preview"])
def test_the_commands_for_prompts_say_it_too(tmp_path: Path, command: str) -> None:
    file = tmp_path / "greet.md"
    file.write_text(f"{PROMPT}user:\n{{% if question %}}\n")
    result = run("prompts", command, str(file))
    assert result.exit_code
    assert "“if” is not closed" in result.output
    assert not OF_PARSERS.search(result.output.replace("“if”, “for”", ""))


def test_what_our_own_reader_of_yaml_refuses_is_said_as_it_says_it() -> None:
    mark = yaml.Mark("", 0, 4, 0, "", 0)
    error = yaml.MarkedYAMLError(problem="aliases are not read; repeat it", problem_mark=mark)
    assert malformed(error) == (5, "aliases are not read; repeat it")
