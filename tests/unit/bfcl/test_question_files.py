"""Question sets: read in the leaderboard's layouts of every version, every fault named."""

import json

import pytest

from xlam_backend.bfcl.categories import categories_of
from xlam_backend.bfcl.question_files import find_question_set, list_question_sets, read_question_set
from xlam_backend.errors import SourceUnreadableError, UnknownNameError

FUNCTION = {"name": "get_weather", "description": "", "parameters": {"type": "dict", "properties": {}}}


def question(item_id, **changed):
    line = {"id": item_id, "question": [[{"role": "user", "content": "Rain?"}]], "function": [FUNCTION]}
    return {**line, **changed}


def answer(item_id, *calls):
    return {"id": item_id, "ground_truth": list(calls) or [{"get_weather": {"city": ["Oslo"]}}]}


def write(folder, name, lines, answers=()):
    (folder / "possible_answer").mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(
        lines if isinstance(lines, str) else "\n".join(map(json.dumps, lines)), "utf-8"
    )
    if answers:
        (folder / "possible_answer" / name).write_text("\n".join(map(json.dumps, answers)), "utf-8")


def words_of(found):
    return [fault.words for fault in found.faults]


def test_questions_stand_beside_their_answers(tmp_path):
    write(tmp_path, "BFCL_v4_multiple.json", [question("multiple_0")], [answer("multiple_0")])
    write(tmp_path, "BFCL_v4_irrelevance.json", [question("irrelevance_0")])
    found = read_question_set(tmp_path)
    assert list(found.questions) == ["multiple", "irrelevance"]
    assert found.version == "v4"
    assert not found.faults
    [first] = found.questions["multiple"]
    assert first.possible_answer == ({"get_weather": {"city": ["Oslo"]}},)
    assert first.functions == (FUNCTION,)
    assert found.by_id()["irrelevance_0"].possible_answer is None


def test_files_of_the_first_version_are_read(tmp_path):
    old = "gorilla_openfunctions_v1_test_{}.json"
    write(
        tmp_path,
        old.format("parallel_function"),
        [question("parallel_function_0", question="Rain in both?", function=FUNCTION)],
        [
            {
                "id": "parallel_function_0",
                "ground_truth": {"get_weather_1": {"a": [1]}, "get_weather_2": {"a": [2]}},
            }
        ],
    )
    write(tmp_path, old.format("relevance"), [question("relevance_0")])
    found = read_question_set(tmp_path)
    assert found.version == "v1"
    assert not found.faults
    [first] = found.questions["parallel"]
    assert first.turns == (({"role": "user", "content": "Rain in both?"},),)
    assert first.possible_answer == ({"get_weather": {"a": [1]}}, {"get_weather": {"a": [2]}})
    assert len(found.questions["irrelevance"]) == 1


def test_every_fault_is_named_and_the_rest_is_read(tmp_path):
    lines = [
        json.dumps(question("multiple_0")),
        "{ broken",
        json.dumps(question("multiple_0")),
        json.dumps(question("simple_python_1")),
        json.dumps(question("multiple_2", question=[])),
        json.dumps(question("multiple_3", function=[{"description": "nameless"}])),
        json.dumps(question("multiple_4")),
    ]
    answers = [answer("multiple_0"), answer("multiple_0"), answer("multiple_3"), answer("multiple_9")]
    write(tmp_path, "BFCL_v4_multiple.json", "\n".join(lines), answers)
    found = read_question_set(tmp_path)
    assert [one.id for one in found.questions["multiple"]] == ["multiple_0"]
    said = {(fault.file.split("/")[0], fault.line): fault.words for fault in found.faults}
    assert "again" in said["possible_answer", 2]
    assert "cannot be read" in said["BFCL_v4_multiple.json", 2]
    assert "already" in said["BFCL_v4_multiple.json", 3]
    assert "another category" in said["BFCL_v4_multiple.json", 4]
    assert "no messages" in said["BFCL_v4_multiple.json", 5]
    assert "without a name" in said["BFCL_v4_multiple.json", 6]
    assert "no answer" in said["BFCL_v4_multiple.json", 7]
    assert "answers no question" in said["possible_answer", 0]


def test_questions_without_a_file_of_answers_say_so(tmp_path):
    write(tmp_path, "BFCL_v4_parallel.json", [question("parallel_0")])
    found = read_question_set(tmp_path)
    assert found.question_count == 0
    assert found.not_read == {"parallel": 1}
    assert "cannot be scored" in words_of(found)[0]


def test_the_hash_says_when_a_file_changed(tmp_path):
    write(tmp_path, "BFCL_v4_irrelevance.json", [question("irrelevance_0")])
    before = read_question_set(tmp_path)
    assert read_question_set(tmp_path) is before
    write(tmp_path, "BFCL_v4_irrelevance.json", [question("irrelevance_0"), question("irrelevance_1")])
    after = read_question_set(tmp_path)
    assert after.hash != before.hash
    assert after.question_count == 2


def test_sets_are_found_in_the_data_folder_and_where_the_setting_points(tmp_path, monkeypatch):
    data, other = tmp_path / "data", tmp_path / "elsewhere"
    write(data / "question_sets" / "mine", "BFCL_v4_irrelevance.json", [question("irrelevance_0")])
    write(other / "theirs", "BFCL_v3_irrelevance.json", [question("irrelevance_0")])
    monkeypatch.setenv("XLAM_QUESTION_SETS", str(other))
    listed = {one.name: one for one in list_question_sets(data)}
    assert {"mine", "theirs", "questions_demo"} <= set(listed)
    assert listed["theirs"].version == "v3"
    assert listed["mine"].counts == {"irrelevance": 1}
    assert find_question_set(data, "theirs").question_count == 1
    assert find_question_set(data, str(other / "theirs")).question_count == 1
    with pytest.raises(UnknownNameError, match="theirs"):
        find_question_set(data, "theires")


def test_a_folder_without_questions_is_refused(tmp_path):
    with pytest.raises(SourceUnreadableError, match="questions fetch"):
        read_question_set(tmp_path)


def test_the_official_questions_are_all_read(shared_data):
    found = read_question_set(shared_data / "bfcl" / "v4")
    assert not found.faults
    assert found.question_count == 3641
    counts = {**{name: len(some) for name, some in found.questions.items()}, **found.not_read}
    assert counts == {category.name: category.count("v4") for category in categories_of("v4")}
