"""The files of deploy/: what they name is there, and they agree with each other."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from quart_app.door.listener import DEFAULTS
from quart_app.settings import WebSettings

DEPLOY = Path(__file__).parents[2] / "deploy"
BASE_MB, MOST_MB = 125, 600
"""What Debian's slim image (75) and its Python (37) have, with the widget and the pages of this
project rounded up, and what the whole image may have."""
SETTINGS = {
    str(field.validation_alias or f"SCHOLIAST_{name.upper()}")
    for name, field in WebSettings.model_fields.items()
}


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return read


def kubernetes() -> dict[str, Any]:
    """The objects by their kind."""
    text = (DEPLOY / "kubernetes.yaml").read_text()
    return {one["kind"]: one for one in yaml.safe_load_all(text)}


@pytest.mark.parametrize("file", sorted(DEPLOY.iterdir()), ids=lambda file: file.name)
def test_every_variable_in_deploy_is_a_setting(file: Path) -> None:
    named = set(re.findall(r"\b(?:SCHOLIAST|QDRANT|REDIS|OPENAI)_[A-Z_]+\b", file.read_text()))
    assert named - SETTINGS == set()


def test_the_proxies_send_to_the_servers_of_compose_and_are_trusted_there() -> None:
    services = compose()["services"]
    servers = {f"{name}:8000" for name in services if name.startswith("app")}
    for file in ("nginx.conf", "Caddyfile"):
        assert set(re.findall(r"app\d+:\d+", (DEPLOY / file).read_text())) == servers
    proxy = services["nginx"]["networks"]["default"]["ipv4_address"]
    environment = compose()["x-server"]["environment"]
    assert environment["SCHOLIAST_TRUSTED_PROXIES"] == proxy


@pytest.mark.parametrize("file", ["nginx.conf", "Caddyfile"])
def test_the_proxies_know_what_is_for_operators_and_authors_of_each_book(file: str) -> None:
    found = re.findall(r"\^\(\?:/tutor\)\S+\$", (DEPLOY / file).read_text())
    patterns = [re.compile(one) for one in found]

    def is_known(path: str) -> bool:
        return any(pattern.match(path) for pattern in patterns)

    for below in ("", "/tutor", "/books/wood", "/tutor/books/wood"):
        authors = ("ingest", "ingest/12", "restore", "content", "prompts", "prompts/answer/check")
        for path in ("/metrics", "/ws/prompts", *(f"/api/{one}" for one in authors)):
            assert is_known(below + path), below + path
        for path in ("/", "/api/book", "/book/metrics", "/ws/chat", "/prompts"):
            assert not is_known(below + path), below + path


def test_everybody_waits_longer_than_a_server_drains() -> None:
    grace = DEFAULTS["graceful_timeout"]
    assert int(compose()["x-server"]["stop_grace_period"].rstrip("s")) > grace
    pod = kubernetes()["Deployment"]["spec"]["template"]["spec"]
    pause = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] > pause + grace
    unit = (DEPLOY / "scholiast.service").read_text()
    assert int(re.findall(r"TimeoutStopSec=(\d+)", unit)[0]) > grace


def test_no_server_runs_as_root_or_writes_to_its_own_files() -> None:
    image = (DEPLOY / "Dockerfile").read_text()
    (user,) = re.findall(r"^USER (\d+)$", image, re.MULTILINE)
    pod = kubernetes()["Deployment"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsUser"] == int(user) > 0
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]
    assert compose()["x-server"]["read_only"]


def needed(name: str, extras: frozenset[str], found: dict[str, frozenset[str]]) -> None:
    """Add a package and what it needs to what was `found`."""
    key = canonicalize_name(name)
    if extras <= found.get(key, frozenset()) and key in found:
        return
    found[key] = found.get(key, frozenset()) | extras
    try:
        requirements = map(Requirement, distribution(name).requires or ())
    except PackageNotFoundError:  # of another system
        return
    for one in requirements:
        wanted = ({"extra": extra} for extra in ("", *extras))
        if one.marker is None or any(map(one.marker.evaluate, wanted)):
            needed(one.name, frozenset(one.extras), found)


def test_the_packages_of_the_image_leave_room_below_its_bound() -> None:
    image = (DEPLOY / "Dockerfile").read_text()
    (extras,) = re.findall(r"'scholiast\[(.*)\]'", image)
    project = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    found: dict[str, frozenset[str]] = {}
    for one in [*project["dependencies"], *(o for e in extras.split(",") for o in optional[e])]:
        needed(Requirement(one).name, frozenset(Requirement(one).extras), found)
    assert "numpy" in found
    assert "pytest" not in found
    left_out = re.compile(r"numpy/.*/tests/|onnxruntime/(quantization|tools|transformers)/|hf_xet")
    files = {
        path
        for name in found
        for file in distribution(name).files or ()
        if (path := Path(str(file.locate()))).is_file() and not left_out.search(str(file))
    }
    assert sum(path.stat().st_size for path in files) / 1e6 < MOST_MB - BASE_MB
