"""Has an OpenAI-compatible endpoint answer questions: many at a time, retried, inside a budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from xlam_backend.bfcl.question import Question
from xlam_backend.errors import BudgetSpentError, JudgeUnavailableError, StoppedError
from xlam_backend.evaluation.answers import Answer
from xlam_backend.evaluation.asking import UnaskableError, ask_question
from xlam_backend.evaluation.plan import EvaluationPlan
from xlam_backend.evaluation.reading_answers import native_output
from xlam_backend.llm.chat import AskSummary, ChatRequest, OnReply, Reply, is_spent
from xlam_backend.training_text.base import UntellableError

TakeAnswer = Callable[[Answer], None]


class Ask(Protocol):
    """Asks requests; `on_reply` gets one reply for each (llm/client.py)."""

    def __call__(self, requests: Iterable[ChatRequest], on_reply: OnReply) -> AskSummary:
        """Ask all of them."""
        ...


def answer_through_endpoint(
    questions: Iterable[Question],
    plan: EvaluationPlan,
    *,
    ask: Ask,
    take: TakeAnswer,
    should_stop: Callable[[], bool],
) -> AskSummary:
    """Have all questions answered; `take` gets each answer as it comes.

    Raises:
        StoppedError: a person stopped the run.
        BudgetSpentError: there was no room for a further call.
        JudgeUnavailableError: every further call would have failed the same.
    """

    def on_reply(reply: Reply) -> None:
        if reply.state != "not_asked":
            take(_answer(reply, plan))

    summary = ask(_requests(questions, plan, take), on_reply)
    if summary.not_asked:
        _end(summary, is_stopped=should_stop())
    return summary


def chat_request(question: Question, plan: EvaluationPlan) -> ChatRequest:
    """Return the request for a question; UnaskableError or UntellableError when it cannot be put so."""
    asked = ask_question(question, plan)
    return ChatRequest(
        key=question.id,
        model=plan.model,
        messages=asked.messages,
        temperature=plan.temperature,
        max_tokens=plan.max_tokens,
        seed=plan.seed,
        tools=asked.tools,
    )


def _requests(questions: Iterable[Question], plan: EvaluationPlan, take: TakeAnswer) -> Iterator[ChatRequest]:
    for question in questions:
        try:
            yield chat_request(question, plan)
        except (UnaskableError, UntellableError) as error:
            take(unaskable(question, error.what))


def unaskable(question: Question, reason: str) -> Answer:
    """Return what came of a question that cannot be put to the model in the way that was chosen."""
    return Answer(item_id=question.id, state="not answered", reason=reason, is_settled=True)


def _answer(reply: Reply, plan: EvaluationPlan) -> Answer:
    is_answered = reply.state == "answered"
    output = native_output(reply.text, reply.tool_calls) if plan.mode == "native" else reply.text
    return Answer(
        item_id=reply.key,
        state="answered" if is_answered else "not answered",
        reason=reply.reason,
        output=output if is_answered else "",
        seconds=reply.seconds,
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
        cost=reply.cost,
        is_scripted=reply.is_scripted,
        is_cut=is_answered and reply.finish_reason == "length",
    )


def _end(summary: AskSummary, *, is_stopped: bool) -> None:
    done = f"{summary.answered:,} answered now, {summary.not_asked:,} still to be asked"
    why = summary.ended_because.removesuffix(".")
    if is_spent(summary.ended_because):
        raise BudgetSpentError(
            f"{why}; {done}.", "Resume the run with a larger budget: what is answered is not asked again."
        )
    if is_stopped:
        raise StoppedError(f"The run was stopped; {done}.", "Resume it to go on.")
    raise JudgeUnavailableError(f"{why or 'The endpoint did not answer'}; {done}.", summary.way_out)
