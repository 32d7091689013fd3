"""Results of the official tool: read with every fault named, written as it writes them."""

import json

import pytest

from xlam_backend.bfcl import json_lines
from xlam_backend.bfcl.categories import category_by_name
from xlam_backend.bfcl.official_names import file_path
from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.question_files import QuestionSet
from xlam_backend.bfcl.result_files import ResultItem, read_results, write_results
from xlam_backend.errors import SettingError, SourceUnreadableError


def questions(**counts):
    asked = {
        name: tuple(Question(f"{name}_{number}", name, (), ()) for number in range(count))
        for name, count in counts.items()
    }
    return QuestionSet("set", "", "", "v4", asked, {}, ())


def write(folder, name, lines):
    folder.mkdir(parents=True, exist_ok=True)
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / name).write_text("\n".join(text) + "\n", encoding="utf-8")


def line(item_id, result="[f(a=1)]", **more):
    return {"id": item_id, "result": result, "latency": 0.5, "input_token_count": 7, **more}


def faults(found):
    return {(fault.kind, fault.item_id) for fault in found.faults}


def test_answers_stand_under_their_category(tmp_path):
    write(tmp_path / "result" / "org_m" / "live", "BFCL_v4_live_simple_result.json", [line("live_simple_0")])
    write(
        tmp_path / "result" / "org_m" / "non_live",
        "BFCL_v4_multiple_result.json",
        [line("multiple_0", [{"f": '{"a": 1}'}])],
    )
    [found] = read_results(tmp_path, questions(multiple=1, live_simple=1))
    assert found.model == "org_m"
    assert not found.faults
    assert found.is_native
    assert found.items["multiple"][0].output == [{"f": '{"a": 1}'}]
    assert found.items["live_simple"] == (ResultItem("live_simple_0", "[f(a=1)]", 7, 0, 0.5),)


def test_every_fault_is_named_and_nothing_of_it_is_scored(tmp_path):
    trace = 'Error during inference: x\nTraceback (most recent call last):\n  File "a.py"'
    lines = [
        line("multiple_0"),
        line("multiple_0", "again"),
        line("multiple_1", trace),
        line("multiple_2", "Error during inference: Error code: 429"),
        line("multiple_3", None),
        line("multiple_4", [["turn"]]),
        line("multiple_77"),
        line("parallel_0"),
        "{ broken",
        {"result": "no id"},
        line("multiple_5", "x", traceback="boom"),
    ]
    write(tmp_path / "m", "BFCL_v4_multiple_result.json", lines)
    [found] = read_results(tmp_path, questions(multiple=8, parallel=1))
    assert [item.id for item in found.items["multiple"]] == ["multiple_0"]
    assert faults(found) == {
        ("doubled id", "multiple_0"),
        ("traceback", "multiple_1"),
        ("infrastructure error", "multiple_2"),
        ("no result", "multiple_3"),
        ("no result", "multiple_4"),
        ("unknown id", "multiple_77"),
        ("wrong category", "parallel_0"),
        ("unreadable line", ""),
        ("traceback", "multiple_5"),
        ("missing", "multiple_6"),
        ("missing", "multiple_7"),
    }
    assert set(found.not_answered["multiple"]) == {f"multiple_{number}" for number in range(1, 8)}
    assert found.fault_counts()["no result"] == 2


def test_damaged_lines_cost_themselves_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(json_lines, "LONGEST_LINE", 4_096)
    huge = '{"id": "multiple_2", "result": "' + "x" * 10_000 + '"}'
    lines = ["\ufeff" + json.dumps(line("multiple_0")), '{"id": "multiple_1", "result": "\udce9"}', huge]
    content = "\n".join([*lines, json.dumps(line("multiple_3"))]).encode("utf-8", "surrogateescape")
    (tmp_path / "BFCL_v4_multiple_result.json").write_bytes(content)
    [found] = read_results(tmp_path, questions(multiple=4))
    assert [item.id for item in found.items["multiple"]] == ["multiple_0", "multiple_3"]
    words = {fault.line: fault.words for fault in found.faults if fault.kind == "unreadable line"}
    assert "no UTF-8" in words[2]
    assert "more than 4,096 bytes" in words[3]
    assert set(words) == {2, 3}


@pytest.mark.parametrize("count", ["1" * 40, "1e300", "-1", "[[1]]", '"x"', "null"])
def test_counts_that_no_answer_can_have_are_not_taken(tmp_path, count):
    text = f'{{"id": "multiple_0", "result": "x", "input_token_count": {count}, "latency": {count}}}'
    write(tmp_path / "m", "BFCL_v4_multiple_result.json", [text])
    [found] = read_results(tmp_path, questions(multiple=1))
    assert found.items["multiple"] == (ResultItem("multiple_0", "x", 0, 0, None),)


def test_ids_and_names_of_earlier_versions_are_read_under_those_of_today(tmp_path):
    write(tmp_path / "meta_m", "gorilla_openfunctions_v1_test_simple_result.json", [line("simple_0")])
    write(tmp_path / "meta_m", "gorilla_openfunctions_v1_test_java_result.json", [line("java_0")])
    [found] = read_results(tmp_path, questions(simple_python=1, simple_java=1))
    assert found.version == "v1"
    assert found.items["simple_python"][0].id == "simple_python_0"
    assert found.items["simple_java"][0].id == "simple_java_0"
    assert found.fault_counts() == {"old name": 2}


def test_files_that_cannot_be_scored_are_named(tmp_path):
    write(tmp_path / "m", "BFCL_v4_multi_turn_base_result.json", [line("multi_turn_base_0")])
    write(tmp_path / "m", "BFCL_v4_nonsense_result.json", [line("nonsense_0")])
    [found] = read_results(tmp_path, questions(multiple=1))
    assert set(found.fault_counts()) == {"cannot be scored here", "unknown category"}


@pytest.mark.parametrize(
    "said",
    [
        'The error "Missing name" typically occurs when a Traceback is printed.',
        "Error, not enough information provided.",
        "I got Error code: 400 from the server",
        "",
    ],
)
def test_models_may_speak_of_errors(tmp_path, said):
    write(tmp_path / "m", "BFCL_v4_irrelevance_result.json", [line("irrelevance_0", said)])
    [found] = read_results(tmp_path, questions(irrelevance=1))
    assert found.items["irrelevance"][0].output == said


def test_what_is_written_is_read_back(tmp_path):
    category = category_by_name("multiple")
    items = (ResultItem("multiple_0", "[f()]", 3, 4, 1.5), ResultItem("multiple_1", [{"f": "{}"}]))
    [path] = write_results(tmp_path, "org/m", {category: items})
    assert path == tmp_path / "result" / "org_m" / "non_live" / "BFCL_v4_multiple_result.json"
    [found] = read_results(tmp_path / "result", questions(multiple=2))
    assert found.items["multiple"] == items
    with pytest.raises(SettingError, match="already"):
        write_results(tmp_path, "org/m", {category: items})


def test_earlier_versions_are_written_flat(tmp_path):
    path = file_path(tmp_path, "result", "m", category_by_name("simple_java"), "v3")
    assert path == tmp_path / "result" / "m" / "BFCL_v3_java_result.json"


def test_a_folder_without_results_is_refused(tmp_path):
    with pytest.raises(SourceUnreadableError, match="BFCL_v4"):
        read_results(tmp_path, questions(multiple=1))
