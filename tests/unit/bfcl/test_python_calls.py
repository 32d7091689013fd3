"""Calls written as Python, read as the official tool reads them, and without running anything."""

import ast

import pytest

from xlam_backend.bfcl.decoding.arithmetic import calculate
from xlam_backend.bfcl.decoding.base import UndecodableError
from xlam_backend.bfcl.decoding.python_calls import read_python_calls


def value_of(text):
    [call] = read_python_calls(f"[f(a={text})]")
    return call["f"]["a"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-3", -3),
        ("+3", -3),
        ("~3", -3),
        ("not True", -1),
        ("1/4", 0.25),
        ("2**3 + -1", 7),
        ("[1] + [2]", [1, 2]),
        ("'a' * 3", "aaa"),
        ("(1, 2)", (1, 2)),
        ("{'k': [None, ...]}", {"k": [None, "..."]}),
        ("height", "height"),
        ("g(1)", "g(1)"),
        ("g(b=2)", {"g": {"b": 2}}),
        ("x['k']", "x['k']"),
    ],
)
def test_values_are_read_as_officially(text, value):
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    ["-x", "-'a'", "x + 1", "len([1]) + 1", "1/0", "a.b", "lambda: 1", "f'{1}'", "1 < 2", "{[]: 1}", "{**x}"],
)
def test_what_is_no_value_is_refused(text):
    with pytest.raises(UndecodableError):
        value_of(text)


def test_positional_arguments_are_dropped_and_names_keep_their_dots():
    assert read_python_calls("a.b.c(1, 2, d=3)") == [{"a.b.c": {"d": 3}}]


def test_the_last_of_two_arguments_of_one_name_counts():
    assert read_python_calls("[f(a=1, a=2)]") == [{"f": {"a": 2}}]


def test_quotes_around_the_whole_are_taken_off():
    assert read_python_calls("'[f(a=1)]'") == [{"f": {"a": 1}}]


@pytest.mark.parametrize(
    "text", ["", "[f", "hello there", "[1]", "f", "[f(a=1)] x", "[f(a=1)]\x00", "(" * 5000]
)
def test_what_is_no_call_is_refused(text):
    with pytest.raises(UndecodableError):
        read_python_calls(text)


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "'a' * 10**9",
        "[0] * 10**9",
        "1 << 10**9",
        "'%1000000d' % 1",
        "10**9 * [1]",
        "2**9999 * 2**9999",
    ],
)
def test_arithmetic_has_bounds(text):
    with pytest.raises(UndecodableError):
        calculate(ast.parse(text, mode="eval").body)


def test_nothing_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hostile = "[f(a=__import__('pathlib').Path('run').touch(), b=open('run', 'w'))]"
    assert read_python_calls(hostile) == [
        {"f": {"a": "__import__('pathlib').Path('run').touch()", "b": "open('run', 'w')"}}
    ]
    assert not list(tmp_path.iterdir())
