"""`output-formats` lists, shows and converts."""

from __future__ import annotations

import pytest

from xlam_backend.output_formats import OUTPUT_FORMATS, output_format_by_name
from xlam_backend.output_formats.base import EXAMPLE


@pytest.fixture
def store():
    """None: these commands need no store."""


@pytest.fixture
def run(run_group):
    return run_group("output-formats")


@pytest.fixture
def answer_file(tmp_path):
    path = tmp_path / "answer.txt"
    path.write_text(output_format_by_name("python_calls").render(EXAMPLE), encoding="utf-8")
    return path


def test_the_list_names_every_format(run):
    assert [form["name"] for form in run()] == [form.name for form in OUTPUT_FORMATS]


def test_a_format_is_shown_with_its_examples(run):
    assert EXAMPLE.thought in run("show", "yaml")["instruction"]
    assert EXAMPLE.thought not in run("show", "yaml", "--without-thoughts")["instruction"]
    assert "tool_calls: []\n..." in run("show", "yaml", text=True)


@pytest.mark.parametrize("form", OUTPUT_FORMATS, ids=lambda form: form.name)
def test_an_answer_is_converted(run, answer_file, form):
    found = run("convert", answer_file.name, "--from", "python_calls", "--to", form.name)
    assert found == {"format": form.name, "text": form.render(EXAMPLE)}


def test_what_cannot_be_read_is_refused_with_its_place(run, answer_file, tmp_path):
    answer_file.write_text("[f(1)]", encoding="utf-8")
    words = run("convert", answer_file.name, "--from", "python_calls", "--to", "xml", status=1, text=True)
    assert "Line 1, column 4: an argument has no name." in words
    assert "cannot be read" in run("convert", "none.txt", "--from", "xml", "--to", "xml", status=1, text=True)
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    assert "not UTF-8" in run("convert", "latin.txt", "--from", "xml", "--to", "xml", status=1, text=True)
    words = run("convert", answer_file.name, "--from", "python", "--to", "xml", status=1, text=True)
    assert "python_calls" in words
