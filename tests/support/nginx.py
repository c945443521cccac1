"""A real nginx, with the configuration of a test, on a free port of this machine."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.programs import find_program

ROOT = Path(__file__).parents[2]
PORT = "PORT"
"""What a configuration writes for the port to listen on."""
MAIN = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{http}
}}
"""
PATIENCE = 60.0
"""Seconds that it may take to end."""


@contextmanager
def nginx(folder: Path, http: str) -> Iterator[int]:
    """Run nginx in an empty `folder` for the length of the block; yields its port.

    `http` is what stands in its http block, such as ``server { listen 127.0.0.1:PORT; … }``.
    Its port listens already when nginx gets it, so that nobody has to wait for it.
    """
    program = find_program("nginx")
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        port = int(listener.getsockname()[1])
        # The workers of root would be another user, who may not write to the folder of a test.
        user = "user root;" if os.getuid() == 0 else ""
        written = folder / "nginx.conf"
        written.write_text(
            MAIN.format(user=user, folder=folder, http=http.replace(PORT, str(port)))
        )
        command = [program, "-e", "stderr", "-p", str(folder), "-c", str(written)]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        inherited = {**os.environ, "NGINX": f"{listener.fileno()};"}
        process = subprocess.Popen(
            command, env=inherited, pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL
        )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


def documented(heading: str) -> list[str]:
    """The configurations for nginx in a section of docs/operating.md, in their order.

    What is tried is what operators copy.
    """
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"(?ms)^```nginx\n(.*?)^```$", section)


def plain(configuration: str, url: str) -> str:
    """A documented configuration on a free port of this machine, without TLS, before a server."""
    lines = configuration.replace("listen 443 ssl;", f"listen 127.0.0.1:{PORT};").splitlines()
    kept = "\n".join(line for line in lines if "ssl_certificate" not in line)
    return kept.replace("127.0.0.1:8000", f"127.0.0.1:{urlsplit(url).port}")
