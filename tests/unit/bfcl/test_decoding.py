"""Every decoder reads its own example; Java, JavaScript and JSON are read as the official tool reads them."""

from contextlib import suppress

import pytest

from xlam_backend.bfcl.categories import Language
from xlam_backend.bfcl.checking import are_calls
from xlam_backend.bfcl.decoding import DECODERS, decode, decoder_by_name
from xlam_backend.bfcl.decoding.base import UndecodableError
from xlam_backend.bfcl.reading import DecoderName
from xlam_backend.errors import UnknownNameError

LANGUAGES = Language.__args__


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda one: one.name)
def test_a_decoder_reads_its_example(decoder):
    output = [{"area": '{"base": 10}'}] if decoder.name == "native" else decoder.example
    calls = decode(output, decoder.name, "python")
    assert are_calls(calls)
    assert next(iter(calls[0].values()))["base"] == 10


def test_every_decoder_has_a_name_that_can_be_asked_for():
    assert [decoder.name for decoder in DECODERS] == sorted(
        DecoderName.__args__, key=[one.name for one in DECODERS].index
    )
    with pytest.raises(UnknownNameError, match="prompted"):
        decoder_by_name("promted")


NO_CALLS = [
    "",
    " ",
    "[",
    "[]",
    "None",
    "{}",
    "null",
    "[null]",
    "é[f(a=1)]",
    "\ud800",
    "[" * 9000,
    [],
    [1],
    [{}],
]
ODD_CALLS = [[{"f": 1}], [{"f": "{"}], [{"f": '{"a": NaN}'}], [[]], None, 7]


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda one: one.name)
def test_any_output_is_read_or_refused(decoder):
    for output in (*NO_CALLS, *ODD_CALLS):
        for language in LANGUAGES:
            with suppress(UndecodableError):
                decode(output, decoder.name, language)


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("a.f(a = 10L)", [{"a.f": {"a": "10L"}}]),
        ("a.b.f(a = \"x\", b = 'c')", [{"a.b.f": {"a": "x", "b": "c"}}]),
        ("a.f(a = new int[]{1, 2})", [{"a.f": {"a": "new int[]{1,2}"}}]),
        ("a.f(a = new Map<K,V>(b, 1))", [{"a.f": {"a": "new Map<K,V>(b, 1)"}}]),
        ('a.f(a = new HashMap<>() {{ put("a", 1); }})', [{"a.f": {"a": "new HashMap<>()"}}]),
        ("a.f(x);", [{"a.f": {None: "x"}}]),
        ("int x;", {}),
    ],
)
def test_java(text, calls):
    assert decode(f"[{text}]", "prompted", "java") == calls


@pytest.mark.parametrize(
    "text", ["a.f(a = )", "a.f(x, y)", "a.f(a = 1, a = 2)", "a.f(a = new int[5])", "f(a = 1)"]
)
def test_java_that_is_refused(text):
    with pytest.raises(UndecodableError):
        decode(f"[{text}]", "prompted", "java")


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("f(a=10, b='x')", [{"f": {"a": "10", "b": "x"}}]),
        ("a.f(a=[1, 2], b={c: 1})", [{"a.f": {"a": "[1, 2]", "b": "{c: 1}"}}]),
        ("f(true)", [{"f": {None: "true"}}]),
        ("f", None),
    ],
)
def test_javascript(text, calls):
    assert decode(f"[{text}]", "prompted", "javascript") == calls


@pytest.mark.parametrize("text", ["f(a=", "f(x, y)", "f(a=1, a=2)"])
def test_javascript_that_is_refused(text):
    with pytest.raises(UndecodableError):
        decode(f"[{text}]", "prompted", "javascript")


def test_a_fence_with_a_language_is_refused_and_one_without_is_not():
    assert decode("```\n[f(a=1)]\n```", "prompted", "python") == [{"f": {"a": 1}}]
    with pytest.raises(UndecodableError):
        decode("```python\n[f(a=1)]\n```", "prompted", "python")


def test_words_of_an_api_are_refused_and_silence_is_no_call():
    with pytest.raises(UndecodableError):
        decode("I cannot.", "native", "python")
    assert decode("", "native", "python") == []


def test_tags_around_what_is_no_json_are_passed_over():
    text = '<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call><tool_call>\n{oops\n</tool_call>'
    assert decode(text, "tool_call_tags", "python") == [{"f": {}}]


def test_calls_of_the_first_edition_without_named_arguments_are_texts():
    assert decode("[f(1)]", "v1_list", "python") == ["f(1)"]
    assert decode("[f(1)]", "prompted", "python") == [{"f": {}}]


def test_lines_of_the_first_edition_hold_texts_for_java():
    text = "<tool_call>\n{'name': 'f', 'arguments': {'a': 1}}\n</tool_call>"
    assert decode(text, "v1_tool_call_lines", "java") == [{"f": {"a": "1"}}]
