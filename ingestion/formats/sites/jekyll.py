"""Jekyll: pages, posts and collections. https://jekyllrb.com/docs/"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import inf
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from ingestion.dialects.alerts import with_alerts
from ingestion.dialects.apart_from_code import without_gaps
from ingestion.dialects.kramdown import without_attribute_lists
from ingestion.dialects.liquid import without_liquid
from ingestion.dialects.liquid_loops import with_loops
from ingestion.formats.configurations import read_yaml, text_at, texts_at, value_at
from ingestion.formats.format import Format
from ingestion.formats.notes import Notes
from ingestion.formats.page_addresses import Order, natural
from ingestion.formats.patterns import fits
from ingestion.formats.sites.front_matter_defaults import default_values, read_defaults
from ingestion.formats.sites.jekyll_files import DataFiles, includes_of_page
from ingestion.formats.sites.lessons import with_lesson_boxes
from ingestion.formats.texts import beginning_of
from ingestion.markdown.front_matter import (
    BadFrontMatter,
    FrontMatter,
    read_front_matter,
    split_front_matter,
)
from ingestion.markdown.parser import Page

POST = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})-(?P<slug>.+)")
STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
EXCLUDED = {"vendor", "node_modules", "Gemfile", "Gemfile.lock"}
BEGINNING = 8
"""Characters that show whether a file has front matter; without it Jekyll leaves it alone."""


class Jekyll(Format):
    """A site of Jekyll."""

    name: ClassVar[str] = "jekyll"
    label: ClassVar[str] = "Jekyll"
    configs: ClassVar[tuple[str, ...]] = ("_config.yml", "_config.yaml", "_config.toml")
    endings: ClassVar[frozenset[str]] = frozenset({".md", ".markdown", ".mkd", ".mkdn", ".mkdown"})

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        path = next((root / one for one in self.configs[:2] if (root / one).is_file()), None)
        config: Any = read_yaml(path) if path else {}
        self.title = text_at(config, "title") or text_at(config, "name")
        self.permalink = text_at(config, "permalink") or "date"
        self.excluded = tuple(texts_at(config, "exclude"))
        self.defaults = read_defaults(config)
        self.collections = self._collections(config, is_configured=path is not None)
        self.data = DataFiles(root)
        self.values = {
            f"site.{key}": str(value)
            for key, value in (config.items() if isinstance(config, dict) else ())
            if isinstance(value, str | int | float)
        }
        self.values |= {"site.baseurl": text_at(config, "baseurl"), "site.url": ""}

    @classmethod
    def is_in(cls, root: Path) -> bool:
        """By its configuration, if no other make has one of that name, or by its collections."""
        if (root / "_toc.yml").is_file():
            return False
        return super().is_in(root) or any(_has_documents(one) for one in root.glob("_*"))

    def _collections(self, config: Any, *, is_configured: bool) -> Mapping[str, str]:
        """The address of each collection's documents, by its name."""
        given = value_at(config, "collections")
        found: dict[str, str] = {"posts": self.permalink}
        if isinstance(given, list):
            found |= {one: "" for one in given if isinstance(one, str)}
        elif isinstance(given, dict):
            for name, settings in given.items():
                if name == "posts" or value_at(settings, "output") is True:
                    found[str(name)] = text_at(settings, "permalink") or found.get(str(name), "")
        if not is_configured:
            found |= {one.name[1:]: "" for one in self.root.glob("_*") if _has_documents(one)}
        return {name: STYLES.get(pattern, pattern) for name, pattern in found.items()}

    def enters(self, folder: str) -> bool:
        """Collections, and folders that begin with neither `_` nor `.`."""
        path = PurePosixPath(folder)
        if path.name.startswith("_"):
            return path.name[1:] in self.collections
        return super().enters(folder) and not self._is_excluded(folder)

    def is_page(self, file: str) -> bool:
        """Those with front matter, and README.md of a folder without another page for it."""
        path = PurePosixPath(file)
        if path.suffix.lower() not in self.endings or path.name.startswith((".", "_", "#")):
            return False
        if self._is_excluded(file):
            return False
        if _begins_with_front_matter(self.root / file):
            return True
        folder = (self.root / file).parent
        has_index = any(
            next(folder.glob(f"index.{one}"), None) for one in ("md", "html", "markdown")
        )
        return path.name.lower() == "readme.md" and not has_index and not self._of(file)

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """Liquid is resolved or left out; kramdown's marks and alerts become Markdown."""
        front, body = split_front_matter(text)

        def note(kind: str, example: str) -> None:
            notes.add(kind, f"{file}: {example}")

        values = {**self.values, **_page_values(front)}
        written = with_loops(with_lesson_boxes(front, body), self.data.value, note)
        include = includes_of_page(self.root, self.root / file)
        shown = without_liquid(written, values, note, include)
        return front + without_gaps(with_alerts(without_attribute_lists(shown)))

    def is_published(self, file: str, front_matter: FrontMatter) -> bool:
        """What says `published: false` is not, nor a draft."""
        values = self._values(file, front_matter)
        return values.get("published", "").lower() != "false" and not front_matter.is_draft

    def title_of(self, file: str, page: Page) -> str:
        """That of the page; the first page without one is called as the site."""
        is_top = PurePosixPath(file).with_suffix("").as_posix().lower() in ("index", "readme")
        return page.title or (self.title if is_top else "")

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """By `permalink`, else by the collection's, else where the file lies."""
        permalink = self._values(file, front_matter).get("permalink", "")
        collection = self._of(file)
        path = PurePosixPath(file).with_suffix("")
        if permalink in STYLES:
            permalink = STYLES[permalink] if collection else ""
        if permalink:
            return self._filled(permalink, file, front_matter)
        if collection:
            ending = "/" if self._is_pretty else ":output_ext"
            pattern = self.collections[collection] or f"/{collection}/:path{ending}"
            return self._filled(pattern, file, front_matter)
        if path.name.lower() in ("index", "readme"):
            folder = path.parent.as_posix().removeprefix(".")
            return f"{folder}/" if folder else ""
        return f"{path}/" if self._is_pretty else f"{path}.html"

    def order_of(self, file: str, front_matter: FrontMatter) -> Order:
        """By `nav_order`, `order`, `weight` or `position` of the front matter, then by name; pages
        before the documents of collections."""
        values = self._values(file, front_matter)
        given = (values.get(key, "") for key in ("nav_order", "order", "weight", "position"))
        number = next((float(one) for one in given if re.fullmatch(r"-?\d+(?:\.\d+)?", one)), inf)
        path = PurePosixPath(file)
        is_top = path.stem.lower() in ("index", "readme") and len(path.parts) == 1
        in_collection = 1.0 if self._of(file) else 0.0
        return [(-inf if is_top else in_collection, False, []), (number, False, natural(file))]

    def _values(self, file: str, front_matter: FrontMatter) -> Mapping[str, str]:
        """The front matter of a page, on top of what the configuration gives it."""
        given = default_values(self.defaults, file, self._of(file) or "pages")
        return {**given, **front_matter.values}

    @property
    def _is_pretty(self) -> bool:
        return self.permalink == "pretty" or self.permalink.endswith("/")

    def _of(self, file: str) -> str:
        """The collection that a file is of, "" for none."""
        first = next((one for one in PurePosixPath(file).parts[:-1] if one.startswith("_")), "")
        return first[1:] if first[1:] in self.collections else ""

    def _filled(self, pattern: str, file: str, front_matter: FrontMatter) -> str:
        path = PurePosixPath(file).with_suffix("")
        place = next((n for n, part in enumerate(path.parts) if part.startswith("_")), -1)
        below = PurePosixPath(*path.parts[place + 1 :])
        post = POST.fullmatch(path.name)
        date = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})", front_matter.values.get("date", ""))
        year, month, day = date.groups() if date else post.groups()[:3] if post else ("", "", "")
        title = front_matter.slug or (post["slug"] if post else path.name)
        values = {
            "output_ext": ".html", "path": str(below), "name": _slug(path.name),
            "title": title if post else _slug(title), "slug": _slug(title),
            "basename": path.name, "year": year, "month": month.zfill(2) if month else "",
            "day": day.zfill(2) if day else "", "i_day": day.lstrip("0"),
            "i_month": month.lstrip("0"), "short_year": year[-2:], "collection": self._of(file),
            "categories": front_matter.values.get("category", "").replace(" ", "/").lower(),
        }  # fmt: skip
        filled = re.sub(r":(\w+)", lambda one: values.get(one[1], ""), pattern)
        return re.sub(r"/{2,}", "/", filled).lstrip("/")

    def _is_excluded(self, file: str) -> bool:
        path = PurePosixPath(file)
        if EXCLUDED & set(path.parts):
            return True
        return any(fits(file, pattern.strip("/")) for pattern in self.excluded)


def _has_documents(folder: Path) -> bool:
    """Whether a folder beside a site without configuration is a collection of pages."""
    if folder.name in ("_site", "_includes", "_layouts", "_sass", "_data", "_build", "_book"):
        return False
    return any(_begins_with_front_matter(one) for one in list(folder.glob("*.md"))[:3])


def _begins_with_front_matter(path: Path) -> bool:
    start = beginning_of(path, BEGINNING)
    if start is None:
        return True  # reading it says why not
    return start.startswith(("---\n", "--- ", "+++\n"))


def _page_values(front: str) -> dict[str, str]:
    try:
        values = read_front_matter(front).values
    except BadFrontMatter:
        return {}
    return {f"page.{key}": value for key, value in values.items()}


def _slug(name: str) -> str:
    return re.sub(r"[^\w]+", "-", name.lower()).strip("-_")
