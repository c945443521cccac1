"""The example book as a Docusaurus site, built by npm's packages and served from its own origin."""

from __future__ import annotations

import os
import subprocess
import tempfile
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self
from urllib.parse import urlsplit

import pytest

from tests.conftest import EXAMPLE_BOOK
from tests.support.node import find_node, installed

PROJECT = Path(__file__).parent / "docusaurus"
BASE = "docs"
"""As in docusaurus.config.js."""
NOWHERE = "http://tutor.invalid"
"""What the pages are built with; the address of a server is known only when they are read."""
PATIENCE = 240.0
"""Seconds for npm, and again for the build."""


def built_site(cache: Path) -> Path:
    """The folder of the site's pages, in which BASE is a folder too.

    It stays in `cache` until the book or the project changes. Where the packages cannot be had
    the test is skipped, and under CI it fails.
    """
    node = find_node()
    project = installed(node, PROJECT, cache, PATIENCE)
    place = project / f"site-{_digest(EXAMPLE_BOOK)}"
    if not place.exists():
        with tempfile.TemporaryDirectory(dir=project) as made:
            _build(node.node, project, Path(made))
            if not place.exists():  # another run of the tests may have been faster
                (Path(made) / "site").rename(place)
    return place


def _build(node: tuple[str, ...], project: Path, made: Path) -> None:
    command = [*node, "node_modules/@docusaurus/core/bin/docusaurus.mjs", "build"]
    variables = {
        "BOOK": str(EXAMPLE_BOOK),
        "TUTOR": NOWHERE,
        "DOCUSAURUS_GENERATED_FILES_DIR_NAME": f"{made.name}/generated",
        "DOCUSAURUS_NO_PERSISTENT_CACHE": "true",
        "NO_UPDATE_NOTIFIER": "1",
    }
    done = subprocess.run(
        [*command, "--out-dir", str(made / "site" / BASE)],
        cwd=project,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"Docusaurus did not build the site: {done.stdout}{done.stderr}")


def _digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = (path.relative_to(folder).as_posix().encode() + path.read_bytes() for path in files)
    return sha256(b"\0".join(names)).hexdigest()[:16]


class DocusaurusSite:
    """The built pages on an origin of their own, as a plain host of static files serves them.

    `tutor` is the server's address without a slash at its end; it is put into the pages as they
    go out.
    """

    def __init__(self, folder: Path, base: str = f"{BASE}/") -> None:
        """`base` is where in `folder` the pages are: a path that ends with a slash, or ""."""
        self.tutor = NOWHERE
        site = self

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                file, path = Path(self.translate_path(self.path)), urlsplit(self.path).path
                if file.is_dir() and not path.endswith("/"):
                    self.send_response(301)
                    self.send_header("Location", f"{path}/")
                    self.end_headers()
                    return
                file = file / "index.html" if path.endswith("/") else file
                is_found = file.is_file()
                file = file if is_found else folder / base / "404.html"
                content = file.read_bytes() if file.exists() else b""
                if file.suffix == ".html":
                    content = content.replace(NOWHERE.encode(), site.tutor.encode())
                self.send_response(200 if is_found else 404)
                self.send_header("Content-Type", self.guess_type(str(file)))
                self.end_headers()
                self.wfile.write(content)

            def __init__(self, *arguments: object) -> None:
                super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]

            def log_request(self, code: object = "-", size: object = "-") -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://localhost:{self._server.server_port}"
        self.url = f"{self.origin}/{base}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
