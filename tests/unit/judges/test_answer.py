"""Replies are read strictly: the last verdict counts, or none does."""

from __future__ import annotations

import json

import pytest

from xlam_backend.judges.answer import (
    SCALES,
    Answer,
    AnswerForm,
    Choice,
    SubQuestion,
    Unreadable,
    is_flagged,
    read_answer,
    write_form,
)

WORDS = AnswerForm((Choice("supported", False, "it follows"), Choice("unsupported", True, "it does not")))
SCORE = AnswerForm(scale=SCALES["1-5"])


def reply(**members):
    return json.dumps({"id": "a1", "rationale": "because", **members})


def read(text, form=WORDS):
    return read_answer(form, text, item_id="a1")


def test_a_right_answer_is_read():
    assert read(reply(verdict="supported")) == Answer("supported", rationale="because")
    assert read(reply(score=4), SCORE) == Answer(score=4, rationale="because")


def test_an_answer_between_words_and_in_a_code_block_is_read():
    text = f"Let me think about {{braces}}.\n```json\n{reply(verdict='unsupported')}\n```\nThat is all."
    assert read(text).verdict == "unsupported"


def test_the_last_verdict_counts():
    assert (
        read(f"{reply(verdict='supported')} No, wait: {reply(verdict='unsupported')}").verdict
        == "unsupported"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "supported",
        '"supported"',
        '["supported"]',
        reply(verdict="Supported"),
        reply(verdict="maybe"),
        reply(verdict=None),
        reply(verdict=["supported"]),
        reply(verdict="supported", confidence=0.9),
        json.dumps({"id": "a1", "verdict": "supported"}),
        json.dumps({"id": "a2", "rationale": "", "verdict": "supported"}),
        json.dumps({"rationale": "", "verdict": "supported"}),
        json.dumps({"id": "a1", "rationale": 3, "verdict": "supported"}),
        reply(verdict="supported")[:-1],
        reply(verdict="supported").replace(",", ""),
        '{"id": "a1", "rationale": "", "verdict": "unsupported", "verdict": "supported"}',
        json.dumps({"answer": json.loads(reply(verdict="supported"))}),
        "{" * 5_000,
        "[" * 100_000 + '{"verdict": 1}',
        '{"a":' * 20_000 + reply(verdict="supported") + "}" * 20_000,
        " " * 300_000 + reply(verdict="supported"),
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_answer_is_unreadable_with_a_reason(text):
    found = read(text)
    assert isinstance(found, Unreadable)
    assert found.reason


@pytest.mark.parametrize("score", [0, 6, 3.5, 3.0, "3", True, None, [3], float("nan")])
def test_a_score_is_a_whole_number_of_the_scale(score):
    assert isinstance(read(reply(score=score), SCORE), Unreadable)


def test_an_unfinished_verdict_does_not_leave_an_earlier_one_standing():
    cut_off = f"The data says {reply(verdict='supported')}, but {reply(verdict='unsupported')[:30]}"
    assert read(cut_off) == Unreadable("the JSON object is not finished")


def test_a_spoilt_verdict_does_not_leave_an_earlier_one_standing():
    spoilt = reply(verdict="unsupported").replace('"because"', "because")
    assert isinstance(read(f"{reply(verdict='supported')} {spoilt}"), Unreadable)


def test_sub_questions_are_answered_all_and_in_their_kind():
    form = AnswerForm(WORDS.choices, questions=(SubQuestion("stated", "?"), SubQuestion("derivable", "?")))
    right = {"stated": True, "derivable": False}
    assert read(reply(verdict="supported", questions=right), form).questions == right
    for wrong in ({"stated": True}, {**right, "more": True}, {"stated": 1, "derivable": 0}, [], None):
        assert isinstance(read(reply(verdict="supported", questions=wrong), form), Unreadable)
    assert isinstance(read(reply(verdict="supported"), form), Unreadable)
    scored = AnswerForm(scale=SCALES["0-5"], questions=(SubQuestion("plan", "?"),))
    assert read(reply(score=0, questions={"plan": 5}), scored).questions == {"plan": 5}
    assert isinstance(read(reply(score=0, questions={"plan": 6}), scored), Unreadable)


@pytest.mark.parametrize("form", [WORDS, SCORE, AnswerForm(scale=SCALES["0-5"])], ids=["words", "1-5", "0-5"])
def test_the_form_names_every_member_and_every_meaning(form):
    written = write_form(form)
    assert f'"{form.member}"' in written
    meanings = form.scale.meanings if form.scale else [choice.meaning for choice in form.choices]
    assert all(meaning in written for meaning in meanings)


def test_words_and_low_scores_flag():
    assert is_flagged(WORDS, Answer("unsupported"), flag_at_most=2)
    assert not is_flagged(WORDS, Answer("supported"), flag_at_most=2)
    assert is_flagged(SCORE, Answer(score=2), flag_at_most=2)
    assert not is_flagged(SCORE, Answer(score=3), flag_at_most=2)
