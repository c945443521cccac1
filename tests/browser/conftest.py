"""Resources that tests in the browser share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.node import find_node, installed


@pytest.fixture(scope="session")
def axe(pytestconfig: pytest.Config) -> str:
    """The script of axe-core, which finds what keeps people from using a page."""
    cache = pytestconfig.cache.mkdir("node")
    project = installed(find_node(), Path(__file__).parent / "axe", cache)
    return (project / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
