"""Resources that tests share: ingested books."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from quart_app.settings import WebSettings

EXAMPLE_BOOK = Path(__file__).parent.parent / "examples" / "book"


@pytest.fixture(scope="session")
def example_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds the example book."""
    from ingestion.indexer import ingest

    data = tmp_path_factory.mktemp("example") / "data"
    ingest(EXAMPLE_BOOK, settings_of(data))
    return data


@pytest.fixture
def example(example_folder: Path) -> WebSettings:
    """Settings for the example book and nothing else, whatever the environment says."""
    return settings_of(example_folder)


@pytest.fixture(scope="session")
def books() -> Path:
    """The folder of real books that some tests read; it holds humanoid-robotics and rust."""
    folder = os.environ.get("SCHOLIAST_TEST_BOOKS")
    if folder and all((Path(folder) / name).is_dir() for name in ("humanoid-robotics", "rust")):
        return Path(folder)
    need = (
        "set SCHOLIAST_TEST_BOOKS to a folder with humanoid-robotics/ (a Docusaurus book) and "
        "rust/ (the Markdown of The Rust Programming Language)"
    )
    if os.environ.get("CI"):
        pytest.fail(need)
    pytest.skip(need)


def settings_of(data: Path) -> WebSettings:
    """Defaults with a data folder."""
    return WebSettings.model_construct(data=data)
