"""Configurations of a book that are made to hurt: they are named, within a moment."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from chains.errors import SettingError
from ingestion.folder.book_folder import read_book_folder
from ingestion.formats.configurations import LARGEST, MOST, read_yaml

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
