"""The configuration of a Hugo site in several files, and its languages."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.sites import anchors_of, contents, routes, written

PAGE = "---\ntitle: Pumps\n---\n\nA pump moves water.\n"
BOTH = "[en]\ncontentDir = 'content/en'\nweight = 1\n[fr]\ncontentDir = 'content/fr'\n"


def test_the_folder_of_the_default_language_is_found_in_a_file_of_its_own(tmp_path: Path) -> None:
    files = {
        "hugo.toml": "title = 'Water'\n",
        "config/_default/languages.toml": BOTH,
        "config/_default/params.yaml": "version: '2.1'\n",
        "config/_default/permalinks.toml": "guides = '/g/:slug/'\n",
        "content/en/pumps.md": PAGE + '\nIt is version {{< param "version" >}}.\n',
        "content/en/guides/valves.md": PAGE,
        "content/fr/pumps.md": PAGE,
    }
    book = written(tmp_path, files)
    assert (book.format, book.title) == ("Hugo", "Water")
    assert sorted(routes(book).values()) == ["g/pumps/", "pumps/"]
    assert "It is version 2.1." in contents(book)
    [note] = book.notes
    assert (note.kind, note.count, note.is_lost) == (
        "pages of other versions and languages",
        1,
        False,
    )


def test_pages_in_another_language_are_known_by_their_names(tmp_path: Path) -> None:
    files = {
        "hugo.yaml": "defaultContentLanguage: de\nlanguages: {de: {}, fr: {}}\n",
        "content/pumpen.md": PAGE,
        "content/pumpen.fr.md": PAGE,
        "content/mehr/index.de.md": PAGE,
        "content/version-1.2.md": PAGE,
    }
    book = written(tmp_path, files)
    assert sorted(routes(book).values()) == ["mehr/", "pumpen/", "version-1.2/"]
    assert [(note.count, note.examples, note.is_lost) for note in book.notes] == [
        (1, ("content/pumpen.fr.md",), False)
    ]


def test_dashes_stay_in_anchors_where_the_typographer_is_off(tmp_path: Path) -> None:
    files = {
        "hugo.yaml": "markup: {goldmark: {extensions: {typographer: {disable: true}}}}\n",
        "content/a.md": "Text.\n\n## Pumps -- old\n\nThey leak.\n",
    }
    assert anchors_of(written(tmp_path, files).files[0]) == ["pumps----old"]


def test_front_matter_may_stand_below_empty_lines(tmp_path: Path) -> None:
    book = written(tmp_path, {"hugo.toml": "", "content/a.md": f"\n\n{PAGE}"})
    assert [one.file.title for one in book.files] == ["Pumps"]


def test_files_that_shortcodes_put_in_are_on_the_page(tmp_path: Path) -> None:
    page = (
        '{{% readfile file="/parts/safety.md" %}}\n\n{{< include "run.sh" >}}\n\n'
        '{{% readfile "gone.md" %}}\n\n{{</* include "no.md" */>}}\n'
    )
    files = {
        "hugo.toml": "",
        "content/pump/index.md": PAGE + page,
        "content/pump/run.sh": "start --pump\n",
        "content/parts/index.md": "---\nheadless: true\n---\n",
        "content/parts/safety.md": "---\ntitle: x\n---\n\nWear gloves.\n",
    }
    book = written(tmp_path, files)
    assert "Wear gloves.\n\n```sh\nstart --pump\n```" in re.sub(r"\n{2,}", "\n\n", contents(book))
    assert [one.examples for one in book.notes if one.kind.startswith("includes")] == [
        ('content/pump/index.md: {{% readfile "gone.md" %}}',)
    ]
