"""Python text is read by walking its syntax tree; whatever is no plain value is refused."""

import pytest

from xlam_backend.importers.python_text import PythonTextError, parse_calls, parse_literal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("['John', 'Jane']", ["John", "Jane"]),
        ("{'a': (1, -2), \"b\": {1.5}}", {"a": [1, -2], "b": [1.5]}),
        ("[true, false, null, True, None]", [True, False, None, True, None]),
        ("1.0 / 4", 0.25),
        ("+3 - 5", -2),
        (r"'\ud83d\ude80'", "\U0001f680"),
        (r"'\ud83d alone'", "\ufffd alone"),
    ],
)
def test_literals(text, value):
    assert parse_literal(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "[x for x in range(9)]",
        "open",
        "9 ** 9 ** 9",
        "'a' * 10**9",
        "1 / 0",
        "1e999",
        "b'bytes'",
        "{1: 'number as key'}",
        "{'a': 1, 'a': 2}",
        "f'{1}'",
        "lambda: 0",
        "",
        "[" * 500,
        "-" * 100_000 + "1",
        "1" * 300_000,
    ],
)
def test_what_is_no_plain_value_is_refused(text):
    with pytest.raises(PythonTextError):
        parse_literal(text)


def test_calls_in_brackets_may_have_names_that_python_has_not():
    calls = parse_calls('[Get Trends(country="us", note="a) [b"), now()]')
    assert [(call.name, call.keywords) for call in calls] == [
        ("Get Trends", {"country": "us", "note": "a) [b"}),
        ("now", {}),
    ]


def test_calls_may_stand_one_per_line():
    assert [call.name for call in parse_calls("a.b(x=1)\nc(y=[2])")] == ["a.b", "c"]


def test_a_call_with_an_expression_keeps_its_text_and_its_fault():
    (call,) = parse_calls("f(a=g(1))")
    assert (call.name, call.keywords, call.text) == ("f", {}, "f(a=g(1))")
    assert "no plain value" in call.fault


@pytest.mark.parametrize(
    "text", ["I cannot help (no tool).", "Sure!", "[1, 2]", "f(a=1", "f(**{'a': 1}) and more"]
)
def test_prose_and_other_values_are_no_calls(text):
    with pytest.raises(PythonTextError):
        parse_calls(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_call_has_its_own_text_whatever_stands_before_it(end):
    texts = ["f(a='Tromsø 🚀')", f"g({end}  b=2{end})", "h.i()"]
    assert [call.text for call in parse_calls(f"[{f', {end}'.join(texts)}]")] == texts


def test_very_many_calls_are_read():
    assert len(parse_calls(f"[{'f(a=1),' * 20_000}]")) == 20_000
