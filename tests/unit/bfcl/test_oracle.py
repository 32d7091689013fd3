"""The scorer held against the official verdicts: a sample here, all of them by `bfcl oracle`."""

import gzip
import json
from itertools import islice

import msgspec
import pytest

from xlam_backend.bfcl.categories import CALL_KINDS
from xlam_backend.bfcl.oracle import OracleRow, compare_rows, compare_with_oracle, oracle_files, reading_of
from xlam_backend.bfcl.question_files import read_question_set
from xlam_backend.bfcl.scoring import score_calls
from xlam_backend.errors import InputError, SourceUnreadableError, UnknownNameError

EVERY = 40


def a_row(**changed):
    row = {
        "bfcl_version": "v3",
        "category": "simple_python",
        "id": "simple_0",
        "model": "m",
        "decoder": "QwenHandler",
        "question": [[{"role": "user", "content": "?"}]],
        "functions": [
            {"name": "f", "parameters": {"properties": {"a": {"type": "integer"}}, "required": []}}
        ],
        "possible_answer": [{"f": {"a": [1]}}],
        "raw_output": "[f(a=1)]",
        "official_valid": True,
        "official_error_type": None,
        "v4_valid": True,
        "v4_error_type": None,
    }
    return {**row, **changed}


def write(folder, *rows, name="simple_python.jsonl"):
    (folder / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")


@pytest.mark.shared_data
def test_verdicts_and_error_types_of_real_answers_are_met(shared_data):
    def rows():
        for path in oracle_files(shared_data / "bfcl" / "oracle").values():
            with gzip.open(path, "rb") as lines:
                for line in islice(lines, 7, None, EVERY):
                    yield msgspec.json.decode(line, type=OracleRow)

    found = compare_rows(rows())
    assert [one for one in found.disagreements if one.edition == "v4"] == []
    assert found.is_complete
    assert sum(one.compared for one in found.categories if one.edition == "v4") > 900


def first_allowed(given):
    """The first allowed value of each argument or key; those that can only be left out are."""
    values = {key: [value for value in some if value != ""] for key, some in given.items()}
    return {key: some[0] for key, some in values.items() if some}


def gold_arguments(given):
    """The first allowed arguments; the keys of dicts have allowed values of their own."""
    return {name: gold_value(value) for name, value in first_allowed(given).items()}


def gold_value(value):
    if isinstance(value, list):
        return [gold_value(one) for one in value]
    is_choice = isinstance(value, dict) and all(isinstance(some, list) for some in value.values())
    return first_allowed(value) if is_choice else value


@pytest.mark.shared_data
def test_first_allowed_answers_are_right_but_for_seven_that_contradict_themselves(shared_data):
    asked = [
        question
        for question in read_question_set(shared_data / "bfcl" / "v4").by_id().values()
        if question.its_category.kind in CALL_KINDS and question.its_category.language == "python"
    ]
    assert len(asked) == 2351
    assert {question.id for question in asked if not is_gold_right(question)} == {
        "parallel_multiple_12",
        "parallel_multiple_26",
        "live_simple_106-63-0",
        "live_simple_112-68-0",
        "live_multiple_507-149-4",
        "live_multiple_862-181-3",
        "live_multiple_964-207-0",
    }


def is_gold_right(question):
    answers = [pair for answer in question.possible_answer for pair in answer.items()]
    return score_calls(question, [{name: gold_arguments(given)} for name, given in answers]).is_valid


def test_a_disagreement_is_told_with_both_sides(tmp_path):
    write(tmp_path, a_row(), a_row(v4_valid=False, v4_error_type="value_error:others"))
    found = compare_with_oracle(tmp_path)
    assert not found.is_complete
    [one] = found.disagreements
    assert (one.edition, one.expected, one.found) == ("v4", "value_error:others", "valid")
    counts = {(one.edition, one.bfcl_version): (one.agreed, one.compared) for one in found.categories}
    assert counts == {("v4", "v4"): (1, 2), ("then", "v3"): (2, 2)}


def test_a_verdict_of_v4_is_on_the_data_of_v4(tmp_path):
    write(
        tmp_path,
        a_row(v4_possible_answer=[{"f": {"a": [2]}}], v4_valid=False, v4_error_type="value_error:others"),
    )
    assert compare_with_oracle(tmp_path).is_complete


def test_answers_that_only_a_network_could_judge_are_counted_apart(tmp_path):
    row = a_row(category="exec_simple", v4_valid=None, possible_answer=["g(a=1)"], offline_reproducible=False)
    write(tmp_path, row, name="exec_simple.jsonl")
    found = compare_with_oracle(tmp_path)
    assert found.not_compared == {"exec_simple": 1}
    assert not found.is_complete


def test_only_some_categories_may_be_asked_for(tmp_path):
    write(tmp_path, a_row())
    begun = []
    compare_with_oracle(tmp_path, ["simple_python"], on_category=begun.append)
    assert begun == ["simple_python"]
    with pytest.raises(UnknownNameError, match="simple_python"):
        compare_with_oracle(tmp_path, ["simple_pyton"])


def test_what_is_no_oracle_is_refused(tmp_path):
    with pytest.raises(SourceUnreadableError, match="no oracle"):
        compare_with_oracle(tmp_path)
    (tmp_path / "irrelevance.jsonl").write_text("{}\n", "utf-8")
    with pytest.raises(SourceUnreadableError, match=r"irrelevance\.jsonl:1"):
        compare_with_oracle(tmp_path)


def test_an_unknown_handler_is_named():
    row = msgspec.convert(a_row(decoder="OtherHandler"), OracleRow)
    with pytest.raises(InputError, match="OtherHandler"):
        reading_of(row)
