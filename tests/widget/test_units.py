"""The tests of what the widget is made of run in Node, without a browser."""

from __future__ import annotations

import re

from tests.support.node import run, widget_node
from widget.node import FOLDER

FEWEST = 80
"""As many there are of the client alone: a file of tests that is not found would be no failure."""


def test_the_units_of_the_widget_do_what_they_should() -> None:
    done = run([*widget_node().node, "test.mjs", "--test-reporter=tap"], FOLDER)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = dict(re.findall(r"^# (tests|pass|skipped|todo) (\d+)$", done.stdout, re.MULTILINE))
    assert int(counts["pass"]) == int(counts["tests"]) >= FEWEST, counts
