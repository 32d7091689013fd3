"""Steps are answered whole: every candidate has its turn, is read, checked, rated where asked, classified."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from tests.builders import a_call, a_step, a_trajectory
from xlam_backend.checks.sound_steps import compile_rules
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.chat import AskSummary, Reply
from xlam_backend.prompts.fence import read_blocks
from xlam_backend.prompts.prompt_file import load_prompt
from xlam_backend.responses import classify
from xlam_backend.responses.answering import Means, OpenStep, answer_steps
from xlam_backend.responses.plan import RespondPlan

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULES = compile_rules()
PLAN = RespondPlan(endpoint="here", models=("small", "tiny"), count=2)
RATED = replace(
    PLAN,
    rated="what the rules leave open",
    judge=JudgeSettings(judges=("step_quality",), endpoint="there", models=("judge",)),
)
OWN = a_call(city="Oslo")
STEP = OpenStep(7, 3, 0, a_trajectory([OWN]), (1,))


def said(*calls):
    return json.dumps(
        {"thought": "", "tool_calls": [{"name": call.name, "arguments": call.arguments} for call in calls]}
    )


class Models:
    """Answers requests by a function of the request; keeps what was asked, of which endpoint."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def __call__(self, endpoint, requests, on_reply):
        waiting = list(requests)
        not_asked = 0
        while waiting:
            request = waiting.pop(0)
            self.asked.append((endpoint, request))
            text = self.answer(endpoint, request)
            if text is None:
                not_asked += 1
                reply = Reply(request.key, "not_asked", reason="the budget is spent")
            elif isinstance(text, Reply):
                reply = replace(text, key=request.key)
            else:
                reply = Reply(request.key, "answered", text, input_tokens=10, output_tokens=2)
            waiting += on_reply(reply) or ()
        because = "the budget is spent" if not_asked else ""
        return AskSummary(len(self.asked), 0, 0, not_asked, 0, 0, 0, 0, None, because, "Raise it.")


def answer(answer_of, plan=PLAN, steps=(STEP,)):
    models = Models(answer_of)
    prompts = load_prompt("respond_next_step"), load_prompt("judge_step")
    report = answer_steps(steps, Means("run-1", plan, *prompts, RULES, models, lambda: NOW))
    return report, models


def classified(report):
    return [
        (one.model, one.attempt, one.classification, one.difference)
        for step in report.answered
        for one in step.candidates
    ]


def rating(request, score):
    item = next(block for block in read_blocks(request.messages[1].content) if block.name == "item")
    return json.dumps({"id": json.loads(item.text)["id"], "rationale": "so", "score": score})


def test_every_model_has_all_its_attempts_in_order():
    replies = {
        ("small", 0): said(OWN),
        ("small", 1): said(a_call("get_wether", city="Oslo")),
        ("tiny", 0): "I would not know.",
        ("tiny", 1): said(a_call(city="Rome")),
    }
    report, models = answer(lambda _, request: replies[request.model, request.sample])
    assert classified(report) == [
        ("small", 0, "same", ""),
        ("small", 1, "rejected", "wrong tool"),
        ("tiny", 0, "unusable", ""),
        ("tiny", 1, "unclear", "wrong value"),
    ]
    assert len({(request.model, request.sample, request.seed) for _, request in models.asked}) == 4
    [step] = report.answered
    assert (step.version_no, step.trajectory_no, step.step, step.own.tool_calls) == (7, 3, 0, (OWN,))
    assert step.candidates[1].findings[0].check == "undefined_function"
    assert step.candidates[2].raw_reply == "I would not know."
    assert (step.candidates[0].input_tokens, step.candidates[0].run_id) == (10, "run-1")


def test_a_model_is_shown_what_came_before_and_nothing_of_the_step_itself():
    steps = [
        a_step(a_call(city="Rome"), observations=("9 degrees",), user_input="And Oslo?"),
        a_step(a_call(city="SECRET"), thought="SECRET", observations=("SECRET",)),
    ]
    _, models = answer(
        lambda *_: said(OWN), steps=[replace(STEP, step=1, trajectory=a_trajectory(steps=steps))]
    )
    prompt = "\n".join(message.content for message in models.asked[0][1].messages)
    blocks = {block.name: block.text for block in read_blocks(prompt)}
    assert "SECRET" not in prompt
    assert set(blocks) == {"task", "task_instruction", "tools", "query", "history"}
    [earlier] = json.loads(blocks["history"])
    assert (earlier["observations"], earlier["user"]) == (["9 degrees"], "And Oslo?")
    assert json.loads(blocks["tools"])[0]["parameters"]["required"] == ["city"]


def test_a_failed_reply_is_not_generated_and_says_why():
    report, _ = answer(lambda *_: Reply("", "failed", reason="500"))
    assert {one.state for one in report.answered[0].candidates} == {"not_generated"}
    assert {(one.reason, one.classified_because) for one in report.answered[0].candidates} == {
        ("500", classify.NO_REPLY)
    }


def test_a_step_whose_candidates_were_not_all_asked_is_left_for_later():
    other = replace(STEP, version_no=8)
    count = iter(range(100))
    report, _ = answer(lambda *_: said(OWN) if next(count) < 6 else None, steps=[STEP, other])
    assert [step.version_no for step in report.answered] == [7]
    assert (report.ended_because, report.way_out) == ("the budget is spent", "Raise it.")


def test_only_what_the_rules_leave_open_is_rated_beside_the_own_step():
    replies = {"small": said(a_call("get_wether", city="Oslo")), "tiny": said(a_call(city="Rome"))}

    def answer_of(endpoint, request):
        if endpoint == "here":
            return replies[request.model]
        return rating(request, 2 if "Rome" in request.messages[1].content else 5)

    report, models = answer(answer_of, RATED)
    [step] = report.answered
    judged = [request.model for endpoint, request in models.asked if endpoint == "there"]
    assert judged == ["judge"] * 3  # two candidates of tiny, and the own step
    assert [(one.classification, one.score, one.own_score, one.margin) for one in step.candidates] == [
        ("rejected", None, None, None),
        ("rejected", None, None, None),
        ("rejected", 2.0, 5.0, 3.0),
        ("rejected", 2.0, 5.0, 3.0),
    ]
    assert step.candidates[2].classified_because == classify.RATED_LOWER
    assert [len(rows) for rows in step.ratings] == [0, 0, 1, 1]
    [own] = step.own_ratings
    assert (own.judge, own.subject, own.score, own.version_no) == ("step_quality", "step", 5.0, 7)
    assert step.ratings[2][0].subject == "candidate"


def test_everything_that_differs_is_rated_when_asked_for():
    wrong = said(a_call("get_wether", city="Oslo"))
    plan = replace(RATED, rated="all that differ")
    report, _ = answer(lambda endpoint, request: wrong if endpoint == "here" else rating(request, 3), plan)
    assert {one.margin for one in report.answered[0].candidates} == {0.0}
    assert {one.classification for one in report.answered[0].candidates} == {"rejected"}


def test_nothing_is_rated_when_every_candidate_makes_the_same_calls():
    report, models = answer(lambda *_: said(OWN), RATED)
    assert {endpoint for endpoint, _ in models.asked} == {"here"}
    assert report.answered[0].own_ratings == ()


def test_a_rating_that_cannot_be_read_is_asked_for_once_more_and_then_not_judged():
    report, models = answer(
        lambda endpoint, _: said(a_call(city="Rome")) if endpoint == "here" else "no idea", RATED
    )
    assert sum(endpoint == "there" for endpoint, _ in models.asked) == 2 * 5
    assert {one.classified_because for one in report.answered[0].candidates} == {classify.NOTHING_SAYS}
    assert {rows[0].state for rows in report.answered[0].ratings} == {"not_judged"}


def test_a_step_that_was_not_rated_because_the_budget_was_spent_is_left_for_later():
    report, _ = answer(lambda endpoint, _: said(a_call(city="Rome")) if endpoint == "here" else None, RATED)
    assert report.answered == ()
    assert report.ended_because == "the budget is spent"


def test_a_committee_decides_by_its_own_row():
    plan = replace(RATED, judge=replace(RATED.judge, models=("a", "b", "c")))
    scores = {"a": 1, "b": 2, "c": 5}

    def answer_of(endpoint, request):
        if endpoint == "here":
            return said(a_call(city="Rome"))
        return rating(request, scores[request.model] if "Rome" in request.messages[1].content else 4)

    report, _ = answer(answer_of, plan)
    [first, *_] = report.answered[0].candidates
    assert (first.score, first.own_score, first.classification) == (2.0, 4.0, "rejected")
    assert [row.member for row in report.answered[0].ratings[0]] == ["member"] * 3 + ["committee"]


@pytest.mark.parametrize(
    "fields", [{"models": ("a", "a")}, {"count": 0}, {"size": -1}, {"least_margin": 0.0}]
)
def test_a_plan_that_cannot_be_carried_out_is_refused(fields):
    from xlam_backend.errors import SettingError

    with pytest.raises(SettingError):
        RespondPlan(**fields)
