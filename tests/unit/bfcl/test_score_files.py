"""Score files of the official tool: read with every fault named, written as it writes them."""

import json

import pytest

from xlam_backend.bfcl.categories import category_by_name
from xlam_backend.bfcl.score_files import ScoreFailure, read_scores, write_scores
from xlam_backend.domain.evaluation import Tally
from xlam_backend.errors import SourceUnreadableError


def write(folder, lines, name="BFCL_v4_multiple_score.json"):
    folder.mkdir(parents=True, exist_ok=True)
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / name).write_text("\n".join(text) + "\n", encoding="utf-8")


def head(correct, total, accuracy=None):
    share = correct / total if accuracy is None else accuracy
    return {"accuracy": share, "correct_count": correct, "total_count": total}


def failure(item_id):
    return {"id": item_id, "valid": False, "error": ["wrong"], "error_type": "value_error:string"}


def test_sums_and_wrong_answers_are_read(tmp_path):
    write(tmp_path / "org_m" / "non_live", [head(198, 200), failure("multiple_3"), failure("multiple_7")])
    [score] = read_scores(tmp_path)
    assert (score.model, score.category, score.version) == ("org_m", "multiple", "v4")
    assert score.tally == Tally(198, 200)
    assert [one.id for one in score.failures] == ["multiple_3", "multiple_7"]
    assert score.failures[0].errors == ("wrong",)
    assert not score.faults


def test_every_fault_is_named(tmp_path):
    lines = [
        head(196, 200, 0.5),
        failure("multiple_3"),
        failure("multiple_3"),
        failure("parallel_0"),
        "{",
        "{}",
    ]
    write(tmp_path / "m", lines)
    [score] = read_scores(tmp_path)
    said = {fault.line: fault.words for fault in score.faults}
    assert "the counts are taken" in said[1]
    assert "again" in said[3]
    assert "no id of multiple" in said[4]
    assert "cannot be read" in said[5]
    assert "no id" in said[6]
    assert "counts 4 wrong answers, the file holds 2" in said[0]


def test_a_line_that_is_no_text_is_a_fault(tmp_path):
    write(tmp_path / "m", [head(3, 4)])
    with (tmp_path / "m" / "BFCL_v4_multiple_score.json").open("ab") as file:
        file.write(b'{"id": "\xe9"}\n')
    [score] = read_scores(tmp_path)
    assert "no UTF-8" in score.faults[0].words


@pytest.mark.parametrize("first", ["", "[]", '{"accuracy": 1}', json.dumps(head(5, 4, 1.0))])
def test_sums_that_cannot_be_are_no_score(tmp_path, first):
    write(tmp_path / "m", [first or "{"])
    [score] = read_scores(tmp_path)
    assert score.tally.total == 0
    assert score.faults[0].line == 1


def test_what_is_written_is_read_back(tmp_path):
    wrong = ScoreFailure(
        "live_simple_0-0-0", "wrong_count", ("two calls",), [], "[f()]", [{"f": {}}], [{"f": {}}]
    )
    path = write_scores(tmp_path, "org/m", category_by_name("live_simple"), Tally(257, 258), [wrong])
    assert path == tmp_path / "score" / "org_m" / "live" / "BFCL_v4_live_simple_score.json"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines[0] == {"accuracy": 257 / 258, "correct_count": 257, "total_count": 258}
    assert set(lines[1]) == {
        "id", "model_name", "test_category", "valid", "error", "error_type", "prompt", "model_result_raw",
        "model_result_decoded", "possible_answer",
    }  # fmt: skip
    [score] = read_scores(tmp_path)
    assert score.failures == (wrong,)
    assert score.tally == Tally(257, 258)


def test_a_folder_without_scores_is_refused(tmp_path):
    with pytest.raises(SourceUnreadableError):
        read_scores(tmp_path)
