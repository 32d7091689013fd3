"""What the strict readers refuse, with its place, and that hostile text costs them nothing."""

from __future__ import annotations

import pytest

from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.errors import InputError, UnknownNameError
from xlam_backend.output_formats import OUTPUT_FORMATS, output_format_by_name
from xlam_backend.output_formats.answer import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    Answer,
    AnswerTextError,
    UnwritableAnswerError,
)
from xlam_backend.output_formats.base import EXAMPLE

formats = pytest.mark.parametrize("form", OUTPUT_FORMATS, ids=lambda form: form.name)


def nested(depth, make):
    value = 1
    for _ in range(depth):
        value = make(value)
    return value


def refusal(name, text):
    with pytest.raises(AnswerTextError) as refused:
        output_format_by_name(name).parse(text)
    return refused.value


@formats
def test_the_deepest_values_come_back_and_deeper_ones_are_refused(form):
    for make in (lambda inner: [inner], lambda inner: {"a": inner}):
        answer = Answer("", (ToolCall("f", {"x": nested(MAX_DEPTH - 1, make)}),))
        assert form.parse(form.render(answer)) == answer
        with pytest.raises(UnwritableAnswerError, match="nested deeper"):
            form.render(Answer("", (ToolCall("f", {"x": nested(MAX_DEPTH + 1, make)}),)))


@formats
@pytest.mark.parametrize(
    "piece", ["[", "{", "(", "<a>", '{"a":', "[[1],", "- ", "# a\n", "a.a.", "&a ", "(list ", "9"]
)
def test_text_of_one_piece_without_end_is_refused(form, piece):
    with pytest.raises(AnswerTextError):
        form.parse(piece * (100_000 // len(piece)))


@formats
@pytest.mark.parametrize(
    ("opening", "closing"),
    [("[", "]"), ('{"a": ', "}"), ("(list ", ")"), ('<item type="array">', "</item>")],
)
def test_deep_values_in_an_answer_are_refused_or_are_a_text(form, opening, closing):
    text = form.render(Answer("", (ToolCall("f", {"x": "HERE"}),)))
    deep = opening * 5_000 + closing * 5_000
    for place in ('"HERE"', "HERE"):
        try:
            read = form.parse(text.replace(place, deep))
        except AnswerTextError:
            continue
        assert isinstance(read.calls[0].arguments["x"], str)


def test_deep_elements_are_refused():
    deep = '<item type="array">' * 5_000 + "</item>" * 5_000
    call = f'<tool_call name="f"><argument name="x" type="array">{deep}</argument></tool_call>'
    text = f"<answer><tool_calls>{call}</tool_calls></answer>"
    assert "nested deeper" in refusal("xml", text).reason


@formats
@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 10**5_000, "\ud800", {"\ud800": 1}, {1: 2}, (1,), b"b"],
    ids=["nan", "infinity", "long", "surrogate", "surrogate key", "number as key", "tuple", "bytes"],
)
def test_what_json_cannot_hold_is_not_written(form, value):
    with pytest.raises(UnwritableAnswerError):
        form.render(Answer("", (ToolCall("f", {"x": value}),)))


@formats
def test_a_call_that_was_never_read_is_not_written(form):
    with pytest.raises(UnwritableAnswerError, match="no JSON object"):
        form.render(Answer("", (ToolCall("f", unreadable="f(x"),)))


@formats
def test_too_much_text_is_refused_both_ways(form):
    with pytest.raises(UnwritableAnswerError, match="longer than"):
        form.render(Answer("a" * (MAX_CHARACTERS + 1)))
    with pytest.raises(AnswerTextError, match="longer than"):
        form.parse("a" * (MAX_CHARACTERS + 1))


@formats
def test_numbers_that_no_number_type_holds_are_refused(form):
    text = form.render(Answer("", (ToolCall("f", {"x": 12345}),)))
    assert text.count("12345") == 1
    for number in ("9" * 5_000, "1e999", "-1e999", "NaN", "Infinity", "01", "1_0", "0x1F1F", "\u0661"):
        read = None
        try:
            read = form.parse(text.replace("12345", number))
        except AnswerTextError:
            continue
        # Some notations know more ways to write a number, or take a bare word for a text.
        assert form.parse(form.render(read)) == read


@formats
def test_text_behind_the_answer_is_refused(form):
    with pytest.raises(AnswerTextError):
        form.parse(form.render(EXAMPLE) + "\nAnd another thing.")
    with pytest.raises(AnswerTextError):
        form.parse(form.render(EXAMPLE) + "\n" + form.render(Answer("", EXAMPLE.calls)))


@formats
def test_blanks_around_the_answer_do_not_count(form):
    assert form.parse(f"\n{form.render(EXAMPLE)}\n\n") == EXAMPLE


@formats
def test_no_call_is_said_and_silence_is_refused(form):
    assert form.parse(form.render(Answer())) == Answer()
    for silence in ("", " \n", "I do not know."):
        with pytest.raises(AnswerTextError):
            form.parse(silence)


@formats
def test_the_order_of_the_two_keys_does_not_count(form):
    other = form.render(EXAMPLE, arguments_first=True)
    assert form.parse(other) == EXAMPLE
    assert (other != form.render(EXAMPLE)) == form.has_call_keys


@formats
def test_the_instruction_holds_answers_the_format_reads(form):
    for thinks in (True, False):
        instruction = form.instruction(always_thinks=thinks)
        example = EXAMPLE if thinks else Answer("", EXAMPLE.calls)
        assert form.render(example) in instruction
        assert (EXAMPLE.thought in instruction) == thinks


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("json_object", '{"tool_calls": [], "tool_calls": []}', "stands twice"),
        ("json_object", '{"tool_calls": [{"name": "f", "arguments": {}, "id": 1}]}', "other keys"),
        ("json_object", '{"tool_calls": [{"name": "f", "arguments": "{}"}]}', "no object"),
        ("json_object", '{"tool_calls": [{"name": 1, "arguments": {}}]}', "no text"),
        ("json_object", '{"tool_calls": {}}', "no list"),
        ("json_object", '{"tool_calls": [], "final": 1}', "no key of an answer"),
        ("json_object", '{"tool_calls": [{"name": "f", "arguments": {"a": NaN}}]}', "no JSON number"),
        ("json_object", '{"tool_calls": [{"name": "\\ud800", "arguments": {}}]}', "surrogate"),
        ("json_lines", '{"name": "f", "arguments": {}}\n{"calls": 2}', "1 calls were read, not 2"),
        ("json_lines", '{"name": "f", "arguments": {}} {"calls": 1}', "more than one value"),
        ("xml", '<!DOCTYPE a [<!ENTITY b "c">]><answer>&b;</answer>', "document type"),
        ("xml", "<answer><tool_calls><!-- a --></tool_calls></answer>", "comment"),
        ("xml", "<answer><?a b?><tool_calls/></answer>", "processing instruction"),
        ("xml", "<answer><tool_calls>&b;</tool_calls></answer>", "undefined entity"),
        ("xml", "<answer><tool_calls/><tool_calls/></answer>", "exactly one tool_calls"),
        ("xml", '<answer><tool_calls><tool_call name="f" id="1"/></tool_calls></answer>', "no attribute"),
        ("xml", "<answer><tool_calls><tool_call/></tool_calls></answer>", "needs a name"),
        ("yaml", "tool_calls: &a []\n...", "anchors"),
        ("yaml", "tool_calls: !!python/name:os.system []\n...", "tags"),
        ("yaml", "a: &a [1]\ntool_calls: *a\n...", "anchors"),
        ("yaml", "tool_calls: []\ntool_calls: []\n...", "stands twice"),
        ("yaml", "tool_calls: []", "three dots"),
        ("yaml", "tool_calls: []\n...\n---\n1\n...", "one document"),
        ("yaml", "tool_calls:\n - name: f\n   arguments: {a: .inf}\n...", "no JSON number"),
        ("toml", 'tool_calls = [{ name = "f", arguments = { a = 1979-05-27 } }]', "is missing"),
        ("toml", 'tool_calls = [{ name = "f", arguments = { a = { "$null" = 1 } } }]', "nothing but null"),
        ("python_calls", "[f(a=g())]", "not a plain value"),
        ("python_calls", "[f(1)]", "has no name"),
        ("python_calls", "[f(a=1, a=2)]", ""),
        ("python_calls", "[f(a=1, **{'a': 2})]", "given twice"),
        ("python_calls", "[f(a={'b': 1, 'b': 2})]", "stands twice"),
        ("python_calls", "[f(a=(1, 2))]", "not a plain value"),
        ("python_calls", "[f(a=f'{1}')]", "not a plain value"),
        ("python_calls", "[__import__('os').system(a=1)]", "not the name"),
        ("python_calls", "f(a=1)", "not a list"),
        ("python_calls", "[f(a=2**99999)]", "not a plain value"),
        ("javascript_calls", "[f({a: 12345678901234567890})]", "'n' is missing"),
        ("javascript_calls", "[f({a: 1, a: 2})]", "stands twice"),
        ("javascript_calls", "[f({a: g()})]", "a value is missing"),
        ("markdown_table", "Calls: 1.", "0 calls were read, not 1"),
        ("markdown_list", "- call f\n  - a: 1\n  - a: 2\n\nCalls: 1.", "given twice"),
        ("key_value_lines", "call.1 = f\ncall.1.a = 1\ncall.1.a = 2\ncalls = 1", "given before"),
        ("key_value_lines", "call.1 = f\ncall.1.a = {}\ncall.1.a.b = 2\ncalls = 1", "given before"),
        ("key_value_lines", "call.1 = f\ncall.1.a[1] = 1\ncalls = 1", "given before"),
        ("key_value_lines", "call.2 = f\ncalls = 1", "not in order"),
        ("key_value_lines", "call.1 = f\ncall.1.a = [1]\ncalls = 1", "lines of its own"),
        ("s_expression", "(answer (calls (f (a 1) (a 2))))", "stands twice"),
        ("s_expression", "(answer (calls (f (a b))))", "a value is missing"),
        ("s_expression", "(answer (calls (f (a (list1 2)))))", "a value is missing"),
        ("s_expression", "(answer (calls (f (a (list 1true)))))", "a blank is missing"),
        ("s_expression", "(answers (calls))", "'(answer' is missing"),
        ("tool_call_tags", "<tool_call>[]</tool_call><tool_call>[]</tool_call>", "a second block"),
        ("tool_calls_mark", '[TOOL_CALLS] {"name": "f", "arguments": {}}', "no list"),
        ("react", "Thought: I know.\nFinal Answer: 1", "'Action:' is missing"),
        ("react", "Action: f\nAction Input: [1]\nObservation:", "no JSON object"),
        ("plain_text", "Call f with a = 1, a = 2.\nCalls: 1.", "given twice"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_with_the_reason(name, text, reason):
    assert reason in refusal(name, text).reason


def test_a_refusal_names_line_and_column():
    refused = refusal("python_calls", "# I look.\n[f(a=1),\n g(b=h())]")
    assert (refused.line, refused.column) == (3, 6)
    refused = refusal("toml", 'tool_calls = [\n  { name = "f", arguments = { a = b } },\n]')
    assert (refused.line, refused.column) == (2, 35)
    assert str(refused).startswith("Line 2, column 35: a value is missing.")


def test_many_entities_or_aliases_cannot_be_made_to_grow():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    assert "document type" in refusal("xml", f"<!DOCTYPE a [{laughs}]><answer>&l9;</answer>").reason
    lines = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))
    assert "anchors" in refusal("yaml", f"a0: &a0 [1]\n{lines}\n...").reason


def test_an_unknown_format_is_named_with_the_nearest():
    with pytest.raises(UnknownNameError, match="json_lines"):
        output_format_by_name("json_line")


def test_refusals_are_errors_a_person_can_act_on():
    assert issubclass(AnswerTextError, InputError)
    assert refusal("yaml", "a: b").way_out
