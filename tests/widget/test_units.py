"""The tests in widget/test run in Node, without a browser."""

from __future__ import annotations

import re

from tests.support.node import run, widget_node
from widget.node import FOLDER

FEWEST = 80
"""Node does not fail if it finds no tests, so they are counted."""


def test_the_node_tests_of_the_widget_pass() -> None:
    done = run([*widget_node().node, "test.mjs", "--test-reporter=tap"], FOLDER)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = dict(re.findall(r"^# (tests|pass|skipped|todo) (\d+)$", done.stdout, re.MULTILINE))
    assert int(counts["pass"]) == int(counts["tests"]) >= FEWEST, counts
