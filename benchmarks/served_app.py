"""The app, or another page, served on a free port while a benchmark looks at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def served(folder: Path, script: str = "app.py", **environment: str) -> Iterator[str]:
    """Serve a script on the store in `folder`; gives its address once it answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603 - our own app
        [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XLAM_DATA_DIR": str(folder), **environment},
        stdout=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    try:
        while process.poll() is None:
            with suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):  # noqa: S310
                break
            time.sleep(0.02)
        yield address
    finally:
        process.terminate()
        process.wait()
