"""One question to one model, and what its reply means: shared by runs, rehearsals and tests.

A reply that cannot be read is asked for once more, with what was wrong said; then the place is "not
judged", with the reason. Every question stands alone: no request holds anything of another item, but for
the examples that people taught, where a run asks for them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

from xlam_backend.domain.content_hash import content_hash
from xlam_backend.judges.answer import Answer, AnswerForm, Unreadable, read_answer, write_form
from xlam_backend.judges.base import Judge, Shown
from xlam_backend.judges.examples import Example
from xlam_backend.judges.settings import JudgeSettings, form_of
from xlam_backend.llm.chat import ChatRequest, Reply
from xlam_backend.prompts.prompt_file import Message, Plain, Prompt

ITEM_ID_LENGTH = 12
_MOST_QUOTED = 8_000


class Question(msgspec.Struct, frozen=True):
    """A question, whole: its messages, the form of its answer, and the id its answer must name."""

    messages: tuple[Message, ...]
    form: AnswerForm
    item_id: str
    input_hash: str


def make_question(
    judge: Judge, shown: Shown, prompt: Prompt, settings: JudgeSettings, examples: Sequence[Example] = ()
) -> Question:
    """Write the question about one place; the same place gives the same text every time."""
    form = form_of(judge, settings)
    item_id = _item_id(judge, shown, prompt)
    system, asked = _fill(shown, item_id, prompt, form)
    taught = [turn for example in examples for turn in _taught_turns(judge, example, prompt, form)]
    messages = (system, *taught, asked)
    return Question(messages, form, item_id, _hash_of(messages))


def _fill(shown: Shown, item_id: str, prompt: Prompt, form: AnswerForm) -> tuple[Message, ...]:
    return prompt.fill(
        context=shown.context,
        item={"id": item_id, **shown.item},
        answer_form=Plain(write_form(form)),
    )


def _taught_turns(
    judge: Judge, example: Example, prompt: Prompt, form: AnswerForm
) -> tuple[Message, Message]:
    item_id = _item_id(judge, example.shown, prompt)
    asked = _fill(example.shown, item_id, prompt, form)[-1]
    answer = json.dumps({"id": item_id, **example.answer}, ensure_ascii=False)
    return asked, Message("assistant", answer)


def _item_id(judge: Judge, shown: Shown, prompt: Prompt) -> str:
    told = msgspec.json.encode([prompt.hash, judge.name, _hashable(shown.context), _hashable(shown.item)])
    return content_hash(told)[:ITEM_ID_LENGTH]


def first_request(question: Question, key: str, model: str, settings: JudgeSettings) -> ChatRequest:
    """Return the request that asks a question."""
    return ChatRequest(
        key=key,
        model=model,
        messages=question.messages,
        temperature=settings.temperature,
        max_tokens=settings.max_tokens,
        seed=settings.seed,
    )


def repair_request(
    question: Question, key: str, model: str, settings: JudgeSettings, *, reply: str, reason: str
) -> ChatRequest:
    """Return the one request that asks again, and says what was wrong with the reply."""
    form = write_form(question.form)
    words = f"Your answer could not be read: {reason}. Answer the same question again. {form}"
    again = (Message("assistant", reply[:_MOST_QUOTED] or "(nothing)"), Message("user", words))
    request = first_request(question, key, model, settings)
    return msgspec.structs.replace(request, messages=(*question.messages, *again))


def read_reply(question: Question, reply: Reply) -> Answer | Unreadable:
    """Read an answered reply; one that was cut off is never read."""
    if reply.finish_reason == "length":
        return Unreadable("it was cut off at the limit of tokens; answer more briefly")
    return read_answer(question.form, reply.text, item_id=question.item_id)


def _hash_of(messages: tuple[Message, ...]) -> str:
    joined = "\x00".join(message.content for message in messages)
    return content_hash(joined.encode("utf-8", "surrogatepass"))


def _hashable(value: object) -> str:
    """Return a text of a JSON value that any text in it survives: integers of any size, lone surrogates."""
    return ascii(value)
