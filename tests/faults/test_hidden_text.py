"""What authors hide in a page, such as the key of an exam, reaches neither index nor prompt."""

from __future__ import annotations

from pathlib import Path

from ingestion.folder.book_folder import read_book_folder

PAGE = """# Exam preparation

The pump moves coolant. <!-- INTERNAL: the key is 4, 2, 7 -->

<!-- INTERNAL: the key of the
autumn exam is 1, 1, 3. -->

<script>
window.key = "5";
</script>

<style>
.hero { background: hotpink }
</style>

{/* INTERNAL note */}

```html
<!-- a comment in code is text -->
```
"""


def test_comments_scripts_and_styles_are_in_no_chunk(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE, "utf-8")
    book = read_book_folder(tmp_path)
    found = "\n".join(chunk.content for chunk in book.files[0].chunks)
    for hidden in ("INTERNAL", "window", "hotpink"):
        assert hidden not in found
        assert hidden not in book.files[0].text  # which our own site shows
    assert "<!-- a comment in code is text -->" in found
    assert [(note.kind, note.count) for note in book.notes] == [
        ("comments, scripts and styles left out", 5)
    ]
