"""What people taught is shown to the judge in the form of its own questions and answers."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from tests.builders import a_call, a_trajectory
from tests.store.conftest import NOW
from xlam_backend.domain.adjudication import Answer, LessonContent
from xlam_backend.errors import SettingError
from xlam_backend.judges import judge_by_name
from xlam_backend.judges.answer import read_answer
from xlam_backend.judges.asking import make_question
from xlam_backend.judges.base import Shown
from xlam_backend.judges.examples import newest_lessons, read_examples, usable_lessons
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.prompts.fence import read_blocks
from xlam_backend.prompts.prompt_file import load_prompt
from xlam_backend.store.connection import Store
from xlam_backend.store.lessons import write_lesson

TAUGHT = LessonContent(
    "rating",
    "argument_hallucination",
    a_trajectory([a_call(city="Bergen")], query="What is the weather there?", extra={"label": "bad"}),
    0,
    0,
    "/city",
    Answer("agree", "drop"),
    is_bad=True,
    note="Nobody named Bergen.",
)
JUDGE = judge_by_name("argument_hallucination")


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "opened", now=NOW)
    yield opened
    opened.close()


def teach(store, *contents):
    with store.write() as cursor:
        return [
            write_lesson(cursor, store, "judge_example", item, content, person="lea", now=NOW)
            for item, content in enumerate(contents, 1)
        ]


def test_an_example_is_a_turn_that_the_judge_could_have_answered(store):
    [number] = teach(store, TAUGHT)
    settings = JudgeSettings(lessons=(number,))
    examples = read_examples(store, settings)[JUDGE.name]
    shown = Shown({"query": "Which city?"}, {"argument": "city", "value": "Oslo"})
    prompt = load_prompt(JUDGE.prompt)
    question = make_question(JUDGE, shown, prompt, settings, examples)
    assert [message.role for message in question.messages] == ["system", "user", "assistant", "user"]
    told = next(block for block in read_blocks(question.messages[1].content) if block.name == "item")
    answer = read_answer(question.form, question.messages[2].content, item_id=json.loads(told.text)["id"])
    assert (answer.verdict, answer.rationale) == ("unsupported", "Nobody named Bergen.")
    assert "Bergen" in question.messages[1].content
    assert "Bergen" not in question.messages[3].content
    assert '"label"' not in question.messages[1].content
    plain = make_question(JUDGE, shown, prompt, settings)
    assert question.item_id == plain.item_id
    assert question.input_hash != plain.input_hash


def test_only_clear_answers_can_be_shown(store):
    unclear = replace(TAUGHT, answer=Answer("unsure"), is_bad=None)
    no_score = replace(TAUGHT, check="step_quality", call=-1, pointer="")
    numbers = teach(store, TAUGHT, unclear, no_score, replace(no_score, answer=Answer(rating=4)))
    assert usable_lessons(store) == {
        "argument_hallucination": [numbers[0]],
        "step_quality": [numbers[3]],
    }
    assert newest_lessons(store, ("argument_hallucination",), 5) == (numbers[0],)
    assert newest_lessons(store, ("argument_hallucination",), 0) == ()


def test_what_was_taken_back_or_is_not_asked_is_refused(store):
    [number] = teach(store, TAUGHT)
    with pytest.raises(SettingError, match="no example for these judges"):
        read_examples(store, JudgeSettings(judges=("step_quality",), lessons=(number,)))
    with pytest.raises(SettingError, match="no example for these judges"):
        read_examples(store, JudgeSettings(lessons=(number + 1,)))


def test_examples_and_sub_questions_exclude_each_other():
    with pytest.raises(SettingError, match="sub-questions"):
        JudgeSettings(lessons=(1,), asks_questions=True)
