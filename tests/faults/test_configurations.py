"""Configurations of a book that are made to hurt: they are named, within a moment."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import ingestion.indexer
from chains.errors import SettingError
from ingestion.folder.book_folder import read_book_folder
from ingestion.formats.configurations import LARGEST, MOST, read_yaml
from tests.conftest import settings_of
from tests.support.fake_embeddings import FakeEmbeddings

LAUGHS = "a0: &a0 {k: [x, x, x, x, x, x, x, x, x]}\n" + "".join(
    f"a{n}: &a{n} {{ {', '.join(f'k{i}: *a{n - 1}' for i in range(9))} }}\n" for n in range(1, 10)
)
MERGED = "a0: &a0 {k: v}\n" + "".join(
    f"a{n}: &a{n}\n" + "".join(f"  k{n}x{i}: *a{n - 1}\n  <<: *a{n - 1}\n" for i in range(9))
    for n in range(1, 10)
)
WITHIN = "nav: &nav\n  - a.md\n  - *nav\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (LAUGHS, f"its aliases repeat more than {MOST:,} values"),
        (MERGED, f"its aliases repeat more than {MOST:,} values"),
        (WITHIN, "an alias stands within what it repeats"),
    ],
    ids=["aliases", "merge keys", "itself"],
)
@pytest.mark.parametrize("name", ["mkdocs.yml", "_quarto.yml", "_variables.yml", "_config.yml"])
def test_a_configuration_whose_aliases_repeat_without_an_end_is_named(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    (tmp_path / "index.md").write_text("# A page\n\nA text.\n")
    (tmp_path / "index.qmd").write_text("# A page\n\nA text.\n") if name[1] in "qv" else None
    (tmp_path / name).write_text(f"{text}var: *a9\n" if "a9" in text else text)
    started = time.process_time()
    with pytest.raises(SettingError) as caught:
        read_book_folder(tmp_path)
    assert time.process_time() - started < 2
    assert f"{name} is not YAML: {problem}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mkdocs.yml", "nav: " + "[" * 9000),
        ("book.toml", "[book]\ntitle = " + "[" * 9000),
        ("hugo.toml", "a = " + "[" * 9000),
    ],
)
def test_a_configuration_that_nests_without_an_end_is_named(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SettingError, match=r"is not \w+: it nests too deep; mend it"):
        read_book_folder(tmp_path)


@pytest.mark.parametrize("text", ["---\na: {}\n---\n", "+++\na = {}\n+++\n"])
def test_front_matter_that_nests_without_an_end_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "hugo.toml").write_text('title = "A book"\n')
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "a.md").write_text(text.replace("{}", "[" * 9000) + "# A\n\nText.\n")
    [skipped] = read_book_folder(tmp_path).skipped
    assert "it nests too deep" in str(skipped)


@pytest.mark.parametrize("number", ["9" * 5000, "0x" + "f" * 5000])
def test_a_number_of_thousands_of_digits_ends_no_ingestion(tmp_path: Path, number: str) -> None:
    for name in ("hugo.toml", "book.toml"):
        (tmp_path / name).write_text(f"[book]\nx = {number}\n")
        with pytest.raises(SettingError, match=f"{name} is not TOML: it holds a number of thou"):
            read_book_folder(tmp_path)
        (tmp_path / name).unlink()
    (tmp_path / "mkdocs.yml").write_text(f"site_name: {number}\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(f"+++\nx = {number}\n+++\n# A\n\nText.\n")
    (tmp_path / "docs" / "b.md").write_text(f'# B\n\nText.\n\n--8<-- "c.md:{number}"\n')
    book = read_book_folder(tmp_path)
    assert [one.file.file for one in book.files] == ["docs/b.md"]
    assert "it holds a number of thousands of digits" in book.skipped[0].reason


@pytest.mark.parametrize("position", ["9" * 400, ".nan"])
def test_a_position_that_is_no_number_of_a_place_ends_no_ingestion(
    tmp_path: Path, position: str
) -> None:
    (tmp_path / "docusaurus.config.js").write_text("module.exports = {};")
    for name in "ab":
        (tmp_path / "docs" / name).mkdir(parents=True)
        (tmp_path / "docs" / name / "_category_.yml").write_text(f"position: {position}\n")
        (tmp_path / "docs" / name / "page.md").write_text("# A page\n\nA text.\n")
    files = [one.file.file for one in read_book_folder(tmp_path).files]
    assert files == ["docs/a/page.md", "docs/b/page.md"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mkdocs.yml", "site_name: {}\nnav: [{{{}: a.md}}]"),
        ("mkdocs.yml", "site_name: a\nplugins: [macros]\nextra: {{x: {}}}"),
        ("_config.yml", "title: {}\nx: {}"),
        ("hugo.yaml", "title: a\nparams: {{x: {}}}"),
        ("myst.yml", "project: {{title: {}, toc: [{{file: a.md, title: {}}}]}}"),
    ],
)
def test_half_a_character_in_a_configuration_or_in_front_matter_ends_no_ingestion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setattr(ingestion.indexer, "open_embeddings", lambda _: FakeEmbeddings(size=8))
    book = tmp_path / "book"
    for folder in (book, book / "docs", book / "content"):
        folder.mkdir(exist_ok=True)
        where = rf'"/{folder.name}\ud83e"'
        front = r'x: "\ud83e"' + f"\nurl: {where}\npermalink: {where}"
        page = "# A\n\nA text {{ x }} {{ page.x }} {{ site.x }}.\n"
        (folder / "a.md").write_text(f"---\n{front}\n---\n{page}")
    (book / name).write_text(text.format(*[r'"a \ud83e"'] * 2))
    report = ingestion.indexer.ingest(book, settings_of(tmp_path / "data"))
    assert report.is_complete
    assert report.files


def test_a_day_that_there_is_not_costs_no_configuration(tmp_path: Path) -> None:
    path = tmp_path / "mkdocs.yml"
    path.write_text(
        "site_name: A book\nextra: {a: 2024-13-45, b: 2024-01-31, c: 2024-01-01 25:00:00}\n"
    )
    (tmp_path / "a.md").write_text("# A\n\nText.\n")
    assert read_book_folder(tmp_path).title == "A book"
    texts = {name: str(value) for name, value in read_yaml(path)["extra"].items()}
    assert texts == {"a": "2024-13-45", "b": "2024-01-31", "c": "2024-01-01 25:00:00"}


def test_two_escapes_of_json_make_one_character(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text(r'site_name: "\ud83e\udd16 at work"')
    (tmp_path / "a.md").write_text("# A\n\nText.\n")
    assert read_book_folder(tmp_path).title == "🤖 at work"


def test_aliases_and_merge_keys_of_a_usual_configuration_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mkdocs.yml"
    path.write_text("a: &a {b: 1, c: 2}\nd: {<<: *a, c: 3}\ne: [*a, *a]\n")
    read = read_yaml(path)
    assert read["d"] == {"b": 1, "c": 3}
    assert read["e"] == [read["a"]] * 2


def test_a_configuration_of_many_merge_keys_takes_no_minute(tmp_path: Path) -> None:
    path = tmp_path / "mkdocs.yml"
    path.write_text(("a: &a {b: c}\nd:\n" + "  <<: *a\n" * LARGEST)[: LARGEST - 5] + "\n")
    started = time.process_time()
    with pytest.raises(SettingError):
        read_yaml(path)
    assert time.process_time() - started < 20


NO_FOLDERS = {"a link to itself": "loop", "too long": "a" * 5000, "no name": "a\\u0000b"}


@pytest.mark.parametrize("named", NO_FOLDERS.values(), ids=NO_FOLDERS)
@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("book.toml", '[book]\nsrc = "{}"\n'),
        ("mkdocs.yml", 'site_name: A book\ndocs_dir: "{}"\n'),
        ("docusaurus.config.js", 'module.exports = {{ docs: {{ path: "{}" }} }};\n'),
        ("hugo.toml", 'contentDir = "{}"\n'),
        (".vitepress/config.mts", 'export default {{ srcDir: "{}" }}\n'),
    ],
)
def test_a_folder_that_no_book_can_have_ends_no_ingestion(
    tmp_path: Path, name: str, setting: str, named: str
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "page.md").write_text("# A page\n\nA text.\n", "utf-8")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(setting.format(named), "utf-8")
    files = [one.file.file for one in read_book_folder(tmp_path).files]
    assert "page.md" in files


@pytest.mark.parametrize("named", ["loop.md", "a" * 5000 + ".md", "a\\0b.md"])
def test_an_include_of_a_file_that_no_book_can_have_costs_no_page(
    tmp_path: Path, named: str
) -> None:
    (tmp_path / "loop.md").symlink_to("loop.md")
    snippets = f'markdown_extensions:\n  - pymdownx.snippets:\n      base_path: ["{named}"]\n'
    (tmp_path / "mkdocs.yml").write_text(f"site_name: A book\n{snippets}", "utf-8")
    (tmp_path / "docs").mkdir()
    text = f'# A page\n\nA text.\n\n--8<-- "{named}"\n'
    (tmp_path / "docs" / "page.md").write_text(text, "utf-8")
    files = [one.file.file for one in read_book_folder(tmp_path).files]
    assert files == ["docs/page.md"]


@pytest.mark.parametrize("value", ["5", "true", "2001-01-01", "[[], {}, null]", "{a: b}"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mkdocs.yml", "markdown_extensions: {}\nplugins: {}"),
        ("_config.yml", "exclude: {}\ncollections: {}"),
        ("_config.yml", 'defaults: [{{scope: {{path: "../*"}}, values: {{x: {}}}}}]'),
        ("_quarto.yml", "project: {{type: website, render: {}}}"),
        ("_config.yml", "exclude: [.., /, {}]"),
        ("_quarto.yml", 'project: {{render: ["!..", {}]}}'),
        ("myst.yml", "project: {{exclude: [.., {}]}}"),
        ("_toc.yml", "format: jb-book\nroot: index\nchapters: [{{glob: .}}, {{glob: {}}}]"),
    ],
)
def test_a_value_of_another_kind_ends_no_ingestion(
    tmp_path: Path, name: str, text: str, value: str
) -> None:
    (tmp_path / name).write_text(text.replace("{}", value).replace("{{", "{").replace("}}", "}"))
    (tmp_path / "index.md").write_text("---\ntitle: A page\n---\n\n# A page\n\nA text.\n")
    assert not read_book_folder(tmp_path).skipped


def test_many_configurations_take_no_longer_together(tmp_path: Path) -> None:
    (tmp_path / "docusaurus.config.js").write_text("module.exports = {};")
    for number in range(20):
        folder = tmp_path / "docs" / str(number)
        folder.mkdir(parents=True)
        (folder / "page.md").write_text("# A page\n\nA text.\n")
        (folder / "_category_.json").write_text("[" + "0," * (LARGEST // 2 - 9) + "0]")
    started = time.process_time()
    book = read_book_folder(tmp_path)
    assert time.process_time() - started < 5  # 20 files in 40 s
    assert len(book.files) == 20
    [note] = [note for note in book.notes if "_category_" in note.kind]
    assert note.count == 20
