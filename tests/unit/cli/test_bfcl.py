"""`bfcl score`, `oracle`, `decoders` and `categories`, as somebody types them."""

import json

import pytest

from tests.unit.bfcl.asked import function

F = function("f.g", a="integer")
TURNS = [[{"role": "user", "content": "?"}]]


@pytest.fixture
def store():
    """None of these commands needs one."""
    return


@pytest.fixture
def bfcl(run_group):
    return run_group("bfcl")


@pytest.fixture
def questions(tmp_path):
    """Two questions that a call answers, and two that none does."""
    folder = tmp_path / "set"
    (folder / "possible_answer").mkdir(parents=True)
    for name in ("simple_python", "irrelevance"):
        rows = [{"id": f"{name}_{number}", "question": TURNS, "function": [F]} for number in range(2)]
        write(folder / f"BFCL_v4_{name}.json", rows)
    answers = [
        {"id": f"simple_python_{number}", "ground_truth": [{"f.g": {"a": [1]}}]} for number in range(2)
    ]
    write(folder / "possible_answer" / "BFCL_v4_simple_python.json", answers)
    return folder


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")


def write_results(folder, category, *outputs):
    rows = [{"id": f"{category}_{number}", "result": output} for number, output in enumerate(outputs)]
    write(folder / "result" / "me_mine" / "non_live" / f"BFCL_v4_{category}_result.json", rows)


def test_result_files_are_scored(bfcl, questions, tmp_path):
    write_results(tmp_path, "simple_python", "[f.g(a=1)]", "Error code: 500 - oops")
    write_results(tmp_path, "irrelevance", "No function helps.", "[f.g(a=1")
    [found] = bfcl("score", "result", "--questions", questions, "--to", "scores")
    assert found["model"] == "me_mine"
    assert found["overall"] is None
    simple = found["categories"]["simple_python"]
    assert (simple["correct"], simple["total"], simple["not_answered"]) == (1, 1, 1)
    assert found["categories"]["irrelevance"]["correct"] == 2
    assert found["malformed_credits"] == {"irrelevance": 1}
    assert [fault["kind"] for fault in found["faults"]] == ["infrastructure error"]
    written = tmp_path / "scores" / "score" / "me_mine" / "non_live" / "BFCL_v4_simple_python_score.json"
    assert json.loads(written.read_text("utf-8").splitlines()[0])["accuracy"] == 1.0


def test_the_table_says_what_is_withheld_and_what_was_malformed(bfcl, questions, tmp_path):
    write_results(tmp_path, "irrelevance", "No function helps.", "[f.g(a=1")
    said = bfcl("score", "result", "--questions", questions, text=True)
    assert "overall: withheld; not run:" in said
    assert "of these malformed calls" in said


def test_names_are_read_as_asked(bfcl, questions, tmp_path):
    write_results(tmp_path, "simple_python", "[f_g(a=1)]", [{"f_g": '{"a": 1}'}])

    def correct(*options):
        [found] = bfcl("score", "result", "--questions", questions, *options)
        return found["categories"]["simple_python"]["correct"]

    assert correct() == 1  # calls of an API: a_b stands for a.b, and text is no call
    assert correct("--decoder", "prompted") == 0
    assert correct("--decoder", "prompted", "--names", "underscores") == 1
    assert (
        "prompted"
        in bfcl("score", "result", "--questions", questions, "--decoder", "x", status=1)["error"]["way_out"]
    )


def test_an_oracle_is_held_against_the_scorer(bfcl, tmp_path):
    row = {
        "bfcl_version": "v4",
        "category": "simple_python",
        "id": "simple_python_0",
        "model": "m",
        "decoder": "OpenAICompletionsHandler",
        "underscore_to_dot": True,
        "question": TURNS,
        "functions": [F],
        "possible_answer": [{"f.g": {"a": [1]}}],
        "raw_output": [{"f_g": '{"a": 1}'}],
        "v4_valid": True,
    }
    write(tmp_path / "oracle" / "simple_python.jsonl", [row])
    assert "1 of 1 agree" in bfcl("oracle", "oracle", text=True)
    write(
        tmp_path / "oracle" / "simple_python.jsonl", [row, {**row, "v4_valid": False, "v4_error_type": "x"}]
    )
    said = bfcl("oracle", "oracle", status=1, text=True)
    assert "1 of 2 agree" in said
    assert "v4: m simple_python_0: expected x, found valid" in said
    assert bfcl("oracle", "oracle", status=1)["disagreements"][0]["expected"] == "x"


def test_decoders_and_categories_are_listed(bfcl):
    assert [one["name"] for one in bfcl("decoders")][:2] == ["prompted", "native"]
    found = {one["name"]: one for one in bfcl("categories", "--version", "v1")}
    assert found["simple_python"]["questions"] == 400
    assert found["rest"]["scored"] == "no: not run"
    assert "web_search_base" in bfcl("categories", text=True)
