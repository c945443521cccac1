"""What a page of Jekyll takes from `_data` and `_includes`, and from its front matter."""

from __future__ import annotations

from pathlib import Path

from tests.support.sites import contents, prose, written

CONFIG = "title: Pumps\n"


def test_data_of_every_kind_of_file_is_on_the_pages_that_show_it(tmp_path: Path) -> None:
    loops = "\n".join(
        f"{{% for one in site.data.{path} %}}\n- {{{{ one.text }}}}\n{{% endfor %}}\n"
        for path in ("terms", "tools.wrenches", "table", "gone")
    )
    files = {
        "_config.yml": CONFIG,
        "_data/terms.yml": "- text: A gear turns a wheel.\n",
        "_data/tools/wrenches.json": '[{"text": "A wrench holds a nut."}]',
        "_data/table.csv": 'name,text\na,"A rod, at last."\n',
        "index.md": f"---\ntitle: Data\n---\n\n{loops}\nOf {{{{ site.data.unit.name }}}}.\n",
        "_data/unit.yaml": "name: newtons\n",
    }
    book = written(tmp_path, files)
    assert "A gear turns a wheel." in prose(book)
    assert "A wrench holds a nut." in prose(book)
    assert "A rod, at last." in prose(book)
    assert "Of newtons." in prose(book)
    loop = "index.md: {% for one in site.data.gone %}"
    assert [note.examples for note in book.notes if "loops" in note.kind] == [(loop,)]


def test_texts_are_included_and_what_computes_is_named(tmp_path: Path) -> None:
    page = (
        "---\ntitle: Parts\n---\n\n{% include safety.md tool='saw' %}\n\n{% include box.html %}\n\n"
        "{% include menu.html %}\n\n{% include_relative more.txt %}\n\n{% include me.md %}\n"
    )
    files = {
        "_config.yml": CONFIG,
        "_includes/safety.md": "Wear gloves with a {{ include.tool }}.\n",
        "_includes/box.html": "<p>It is <b>hot</b> inside.</p>\n",
        "_includes/menu.html": "{% for p in site.pages %}{{ p.title }}{% endfor %}\n",
        "_includes/me.md": "Again. {% include me.md %}\n",
        "index.md": page,
        "more.txt": "Turn it off.\n",
    }
    book = written(tmp_path, files)
    shown = prose(book)
    for sentence in ("Wear gloves with a saw.", "It is hot inside.", "Turn it off."):
        assert sentence in shown
    [note] = [one for one in book.notes if one.kind == "Liquid tags left out"]
    assert "index.md: {% include menu.html %}" in note.examples


def test_questions_and_key_points_of_a_lesson_are_on_its_page(tmp_path: Path) -> None:
    front = (
        '---\ntitle: Loops\nquestions:\n- "How can I repeat work?"\nkeypoints:\n'
        "- A loop repeats its body.\n---\n\n## Why\n\nIt saves time.\n"
    )
    text = contents(written(tmp_path, {"_config.yml": CONFIG, "loops.md": front}))
    assert text.index("How can I repeat work?") < text.index("It saves time.")
    assert text.index("It saves time.") < text.index("A loop repeats its body.")
