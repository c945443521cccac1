"""What the widget knows of chat-v1 is what docs/asyncapi.json says."""

from __future__ import annotations

from tests.support.node import run, widget_node
from widget.node import FOLDER


def test_the_types_of_the_widget_are_those_of_the_published_document() -> None:
    done = run([*widget_node().node, "protocol.mjs", "--check"], FOLDER)
    assert done.returncode == 0, done.stderr
