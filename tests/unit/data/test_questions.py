"""The demo questions: reproducible, readable, held out from the demo data; their own answers are right."""

from __future__ import annotations

import json
import runpy

import pytest

from xlam_backend.bfcl.question_files import read_question_set
from xlam_backend.bfcl.reading import PROMPTED
from xlam_backend.bfcl.scoring import score_item


@pytest.fixture(scope="module")
def questions(root):
    return read_question_set(root / "data" / "questions_demo")


def calls_of(question):
    """The calls with the first allowed value of each argument, as the official prompt asks for them."""
    called = []
    for call in question.possible_answer:
        for name, arguments in call.items():
            given = {key: allowed[0] for key, allowed in arguments.items() if "" not in allowed}
            called.append(f"{name}({', '.join(f'{key}={value!r}' for key, value in given.items())})")
    return f"[{', '.join(called)}]"


def test_the_files_are_what_the_script_writes(root, tmp_path):
    script = runpy.run_path(str(root / "data" / "make_questions.py"))
    script["write_questions"](tmp_path, script["SEED"])
    kept = root / "data" / "questions_demo"
    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.json")}
    assert written == {path.relative_to(kept): path.read_bytes() for path in kept.rglob("*.json")}


def test_every_question_can_be_read_and_its_own_answer_is_right(questions):
    assert questions.faults == ()
    assert questions.question_count >= 100
    asked = [one for some in questions.questions.values() for one in some]
    with_calls = [one for one in asked if one.possible_answer]
    assert [one.id for one in with_calls if not score_item(one, calls_of(one), PROMPTED).is_valid] == []
    assert [one.id for one in with_calls if score_item(one, "[f(x=1)]", PROMPTED).is_valid] == []
    irrelevant = questions.questions["irrelevance"]
    assert all(
        score_item(one, "None of these functions can do that.", PROMPTED).is_valid for one in irrelevant
    )


def test_no_question_stands_in_what_a_model_may_learn(root, questions):
    known = set()
    for path in sorted((root / "data" / "samples").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                known |= set(words_of(json.loads(line)))
            except ValueError:
                continue
    asked = [one.turns[0][0]["content"] for some in questions.questions.values() for one in some]
    assert len(set(asked)) == len(asked)
    assert set(asked) & known == set()


def words_of(record):
    for value in record.values() if isinstance(record, dict) else record:
        if isinstance(value, str):
            yield value
        elif isinstance(value, (dict, list)):
            yield from words_of(value)
