"""The layers hold, and the backend stays light."""

from __future__ import annotations

import subprocess
import sys

from tests.processes import ROOT

HEAVY = ("streamlit", "torch", "transformers", "datasets", "pandas", "duckdb")

IMPORT_ALL = """
import importlib, pkgutil, sys
import xlam_backend
for module in pkgutil.walk_packages(xlam_backend.__path__, "xlam_backend."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def run_python(*arguments):
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=110, check=False
    )


def test_every_import_goes_down_the_layers():
    result = run_python(
        "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    )
    assert result.returncode == 0, result.stdout


def test_the_backend_imports_nothing_heavy():
    result = run_python("-c", IMPORT_ALL)
    assert result.returncode == 0, result.stderr
    loaded = result.stdout.split()
    assert "pyarrow" in loaded
    assert not set(loaded) & set(HEAVY)
