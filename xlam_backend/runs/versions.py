"""The code and the libraries a run was started with."""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from importlib import metadata

from xlam_backend.settings import PROJECT_ROOT

_REQUIREMENTS = PROJECT_ROOT / "requirements.txt"


@lru_cache(maxsize=1)
def code_and_library_versions() -> dict[str, str]:
    """Return the state of the program's files, Python's version and those of the required packages.

    Read once: a process runs the code it was started with.
    """
    return {"code": _code_hash(), "python": platform.python_version(), **_packages()}


def _code_hash() -> str:
    digest = hashlib.sha256()
    for path in sorted((PROJECT_ROOT / "xlam_backend").rglob("*")):
        if path.suffix in (".py", ".sql", ".md"):
            digest.update(f"{path.relative_to(PROJECT_ROOT)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _packages() -> dict[str, str]:
    names = [line.partition("#")[0].partition("==")[0] for line in _requirement_lines()]
    found = {}
    for name in sorted({name.partition("[")[0].strip() for name in names} - {""}):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _requirement_lines() -> list[str]:
    if not _REQUIREMENTS.is_file():
        return []
    lines = _REQUIREMENTS.read_text("utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith(("#", "-"))]
