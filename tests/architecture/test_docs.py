"""The documents say what the code does, and name only what exists."""

from __future__ import annotations

import re
import shlex
import subprocess
from datetime import UTC, datetime

import click
import pytest

from tests.processes import ROOT
from xlam_backend.cli import studio
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import run_command
from xlam_backend.cli.reference import reference_page
from xlam_backend.exports import EXPORT_FORMATS
from xlam_backend.exports.reference import reference_page as export_format_page
from xlam_backend.output_formats import OUTPUT_FORMATS
from xlam_backend.output_formats.reference import reference_page as output_format_page

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/*.md")])
# Paths as documents write them: in backquotes, with a folder of the project in front.
PATH = re.compile(
    r"`((?:xlam_backend|pages|tests|docs|data|benchmarks|scripts|\.ci|\.streamlit)/[\w./-]*)(?::\d+)?`"
)
MADE_WHEN_USED = {"data/store", "data/store/"}


def commands_of(document):
    """The commands that a document tells people to type, whole: a backslash leads on to the next line."""
    fenced = re.findall(
        r"^ *```\w*\n(.*?)^ *```", document.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    lines = "\n".join(fenced).replace("\\\n", " ").splitlines()
    return [found[0] for line in lines if (found := re.search(r"python -m xlam_backend .*", line))]


# docs/cli.md is written from the commands, and names them without their arguments.
COMMANDS = sorted(
    {line for document in DOCUMENTS if document.name != "cli.md" for line in commands_of(document)}
)


def tracked_files():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def test_the_command_line_is_documented_as_it_is(update_golden):
    page = ROOT / "docs" / "cli.md"
    if update_golden:
        page.write_text(reference_page(studio), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == reference_page(studio), "run `make docs`"


def test_the_output_formats_are_documented_as_they_are(update_golden):
    page = ROOT / "docs" / "output_formats.md"
    if update_golden:
        page.write_text(output_format_page(OUTPUT_FORMATS), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == output_format_page(OUTPUT_FORMATS), "run `make docs`"


def test_the_export_formats_are_documented_as_they_are(update_golden):
    page = ROOT / "docs" / "exports.md"
    if update_golden:
        page.write_text(export_format_page(EXPORT_FORMATS), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == export_format_page(EXPORT_FORMATS), "run `make docs`"


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_in_a_document_is_right(line, tmp_path, monkeypatch):
    monkeypatch.setattr(click.Command, "invoke", lambda _command, _context: None)
    said = []
    caller = Caller(
        argv=shlex.split(line, comments=True)[3:],
        cwd=tmp_path,
        now=datetime(2026, 1, 1, tzinfo=UTC),
        write_out=said.append,
        write_err=said.append,
        lend_store=lambda _work: 0,
    )
    assert run_command(studio, caller) == 0, said


def test_every_make_target_in_a_document_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target
        for document in DOCUMENTS
        for target in re.findall(r"`make ([a-z-]+)", document.read_text(encoding="utf-8"))
    }
    assert named <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_in_a_document_exists(document):
    named = set(PATH.findall(document.read_text(encoding="utf-8"))) - MADE_WHEN_USED
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_nothing_is_left_open_in_the_code():
    words = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "raise Not" + "ImplementedError")))
    code = [file for file in tracked_files() if file.suffix == ".py"]
    assert [
        str(file.relative_to(ROOT)) for file in code if words.search(file.read_text(encoding="utf-8"))
    ] == []


def test_no_file_is_named_for_having_no_home():
    homeless = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert [file for file in tracked_files() if file.name in homeless] == []
