"""Permalinks of Hugo's configuration: https://gohugo.io/configuration/permalinks/"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Sequence
from datetime import date
from typing import Any

from ingestion.formats.configurations import text_at, value_at
from ingestion.markdown.front_matter import FrontMatter

TOKEN = re.compile(
    r":(?P<name>[a-z]+)(?:\[(?P<first>\d{0,9}|last)(?P<colon>:)?(?P<end>\d{0,9}|last)\])?"
)
DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def pattern_of(permalinks: Any, section: str, *, is_page: bool) -> str:
    """The pattern for the pages of a section at the top, or for the section itself; "" for none."""
    kind = "page" if is_page else "section"
    by_kind = value_at(permalinks, kind)
    if isinstance(by_kind, dict):
        return text_at(by_kind, section)
    return text_at(permalinks, section) if is_page else ""


def filled(pattern: str, folders: Sequence[str], name: str, front_matter: FrontMatter) -> list[str]:
    """The parts of the address of a page in these folders; `name` is that of its file, or of its
    folder if it is a bundle."""
    values = _values(folders, name, front_matter)

    def value(token: re.Match[str]) -> str:
        if token["name"] == "sections":
            return "/".join(_part(folders, token))
        return values.get(token["name"], "").replace("/", "-")

    return [part for part in TOKEN.sub(value, pattern).split("/") if part]


def _values(folders: Sequence[str], name: str, front_matter: FrontMatter) -> dict[str, str]:
    title = front_matter.title or name
    values = {
        "section": folders[0] if folders else "",
        "title": title,
        "slug": front_matter.slug or title,
        "filename": name,
        "contentbasename": name,
        "slugorfilename": front_matter.slug or name,
        "slugorcontentbasename": front_matter.slug or name,
    }
    found = DATE.match(front_matter.values.get("date", ""))
    if found:
        year, month, day = found.groups()
        values |= {"year": year, "month": month, "day": day}
        try:
            that_day = date(int(year), int(month), int(day))
        except ValueError:
            return values
        values |= {
            "monthname": month_name[that_day.month],
            "yearday": str(that_day.timetuple().tm_yday),
        }
    return values


def _part(folders: Sequence[str], token: re.Match[str]) -> Sequence[str]:
    """The folders that `:sections`, `:sections[1:]` or `:sections[last]` stands for."""
    if token["first"] is None:
        return folders
    first = len(folders) - 1 if token["first"] == "last" else int(token["first"] or 0)
    if not token["colon"]:
        return folders[first : first + 1]
    end = {"": len(folders), "last": len(folders) - 1}.get(token["end"])
    return folders[first : int(token["end"]) if end is None else end]
