"""The book as a value: which page an address is of."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest

from chains.index.book import Book, File
from chains.index.library import Library


def book_of(*routes: str, base_url: str = "/book/") -> Book:
    """A book with a page at each route."""
    files = {f"{number}.md": File(f"{number}.md", "Gait", r, ()) for number, r in enumerate(routes)}
    return Book("Robots", "/robots", base_url, "fake", 2, "v1", files=files)


FIRST, GAIT, ABOUT = "", "motion/gait", "größe/über uns"
BOOK = book_of(FIRST, GAIT, ABOUT)


def route_at(address: str | None, book: Book = BOOK) -> str | None:
    """The route of the page with the address."""
    file = book.file_at(address)
    return file.route if file else None


@pytest.mark.parametrize(
    "address",
    [
        "/book/motion/gait",
        "/book/motion/gait/",
        "/book/motion/gait.html",
        "/book/motion/gait/index.html",
        "https://reader.example:8443/book/motion/gait?theme=dark#advantages",
    ],
)
def test_a_page_is_known_by_its_path_whatever_is_around_it(address: str) -> None:
    assert route_at(address) == GAIT


def test_a_page_is_known_by_the_address_that_a_browser_shows() -> None:
    assert route_at("/book/gr%C3%B6%C3%9Fe/%C3%BCber%20uns") == ABOUT


@pytest.mark.parametrize(
    "address", ["/book", "/book/", "/book/index.html", "http://a.example/book"]
)
def test_the_first_page_is_the_books_own_address(address: str) -> None:
    assert route_at(address) == FIRST


@pytest.mark.parametrize("address", ["/motion/gait", "/preview/7/docs/motion/gait.html"])
def test_a_page_is_known_in_a_copy_of_the_book_below_another_folder(address: str) -> None:
    assert route_at(address) == GAIT


def test_a_page_is_itself_before_it_is_a_copy_of_another() -> None:
    book = book_of("gait", "motion/book/gait")
    assert route_at("/book/gait", book) == "gait"
    assert route_at("/copy/motion/book/gait", book) == "motion/book/gait"


def test_a_page_named_index_is_not_the_page_of_every_address() -> None:
    book = book_of("index", GAIT)
    assert route_at("/book/index.html", book) == "index"
    assert route_at("/about", book) is None


@pytest.mark.parametrize("address", [None, "", "gait", "/book/motion", "/emotion/gait", "http://["])
def test_any_other_address_is_of_no_page(address: str | None) -> None:
    assert route_at(address) is None


def test_the_first_page_is_known_below_another_path() -> None:
    book = book_of("", "gait", "book/gait")
    assert route_at("http://localhost:8000/tutor/book/", book) == ""
    assert route_at("/tutor/book/gait", book) == "book/gait"
    assert route_at("/tutor/booklet", book) is None
    assert route_at("/tutor/", book_of("", "gait", base_url="/")) is None


def scanned(address: str, book: Book) -> File | None:
    """The file that a scan of all files finds, written without a map."""

    def path_of(address: str) -> str:
        path = unquote(urlsplit(address).path).rstrip("/")
        return path.removesuffix(".html").removesuffix("/index")

    path, files = path_of(address), list(book.files.values())
    same = [file for file in files if path_of(book.url(file)) == path]
    ends = {file.file: path_of(f"/{file.route}") or path_of(book.url(file)) for file in files}
    copies = [file for file in files if ends[file.file] and path.endswith(ends[file.file])]
    longest = max(copies, key=lambda file: (len(ends[file.file]), file.route), default=None)
    return next(iter(same), None) or longest


@pytest.mark.parametrize("ending", ["", "/", ".html", "/index.html", "?q=1#gait", "//", "x", "/x"])
@pytest.mark.parametrize(
    "place", ["/book/", "/", "/preview/7/", "https://a.example/b/", "", "//", "/x"]
)
def test_the_map_finds_what_a_scan_of_all_files_finds(
    library: Library, place: str, ending: str
) -> None:
    book = library.latest
    assert len(book.files) > 5
    for file in book.files.values():
        address = place + file.route + ending
        assert book.file_at(address) == scanned(address, book), address


ROUTES = "gait", "motion/gait", "book/motion/gait", "motion", "a/b/a/b", "b", "", "über uns"


@pytest.mark.parametrize("base_url", ["/book/", "/", "https://a.example/docs/book/"])
@pytest.mark.parametrize(
    "place", ["/", "/book/", "/docs/book/", "/a/b/", "/motion/", "/book/motion/"]
)
def test_the_map_finds_what_a_scan_finds_where_routes_end_with_one_another(
    base_url: str, place: str
) -> None:
    for book in (book_of(*ROUTES, base_url=base_url), book_of(*ROUTES[::-1], base_url=base_url)):
        for route in ROUTES:
            assert book.file_at(place + route) == scanned(place + route, book), place + route


SITE = "https://robots.example/docs/"


@pytest.mark.parametrize(
    ("page", "url"),
    [
        ("https://pr-7.preview.example/docs/motion/gait", "https://pr-7.preview.example/docs/arm"),
        ("http://localhost:3000/motion/gait/", "http://localhost:3000/arm/"),
        (
            "https://mirror.example/a/b/motion/gait.html?v=2#x",
            "https://mirror.example/a/b/arm.html",
        ),
        ("http://localhost:3000/motion/", "http://localhost:3000/arm"),
        ("http://localhost:3000/motion/index.html", "http://localhost:3000/arm.html"),
        ("https://robots.example/docs/motion/gait.html", "https://robots.example/docs/arm.html"),
        ("https://other.example/about", f"{SITE}arm"),
        ("ftp://robots.example/docs/motion/gait", f"{SITE}arm"),
        ("javascript:alert(1)//motion/gait", f"{SITE}arm"),
        ("/motion/gait", f"{SITE}arm"),
        (None, f"{SITE}arm"),
    ],
)
def test_citations_stay_on_the_site_that_the_reader_reads(page: str | None, url: str) -> None:
    named = {"arm.md": "arm", "motion/gait.md": "motion/gait", "motion/index.md": "motion"}
    files = {file: File(file, "Gait", route, ()) for file, route in named.items()}
    book = Book("Robots", "/robots", SITE, "fake", 2, "v1", files=files)
    seen = book.seen_from(page)
    assert seen.url(files["arm.md"], "grip") == f"{url}#grip"
    assert seen.version == book.version


def test_letters_of_an_address_are_compared_as_browsers_write_them() -> None:
    book = book_of("motion/größe")
    page = "https://robots.example/motion/gr%C3%B6%C3%9Fe/"
    assert book.seen_from(page).url(book.files["0.md"]) == "https://robots.example/motion/größe/"


@pytest.mark.parametrize("page", ["http://localhost/book/motion/gait", "https://a.example/t/book/"])
def test_on_our_own_site_addresses_stay_below_it(page: str) -> None:
    assert BOOK.seen_from(page) is BOOK


def test_the_first_page_shows_where_the_others_are_and_not_how_their_addresses_end() -> None:
    book = book_of("", "gait.html", base_url=SITE)
    seen = book.seen_from("http://localhost:3000/docs/")
    assert seen.url(book.files["1.md"]) == "http://localhost:3000/docs/gait.html"


@pytest.mark.parametrize(
    ("route", "written"),
    [
        ("tools/C#", "tools/C%23"),
        ("why?", "why%3F"),
        ("a\\b", "a%5Cb"),
        ("at 100%", "at%20100%25"),
        ("a%20b", "a%20b"),
        ("größe/重力", "größe/重力"),
    ],
)
def test_a_link_leads_to_a_page_whose_name_has_signs_of_an_address(
    route: str, written: str
) -> None:
    book = book_of("", "why", "tools/C", route, base_url="https://a.example/")
    (file,) = [one for one in book.files.values() if one.route == route]
    assert book.url(file, "top") == f"https://a.example/{written}#top"
    assert book.file_at(book.url(file)) == file
    assert book.file_at(f"https://copy.example/book/{written}") == file
