"""Has a kept model answer questions, through whichever engine suits the machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xlam_backend.bfcl.question import Question
from xlam_backend.errors import StoppedError
from xlam_backend.evaluation.answers import Answer
from xlam_backend.evaluation.asking import UnaskableError
from xlam_backend.evaluation.endpoint_answers import TakeAnswer, unaskable
from xlam_backend.evaluation.engine import ChatPrompts, Engine, Prompted, Written
from xlam_backend.training_text.base import UntellableError


def answer_with_model(
    questions: Sequence[Question],
    prompts: ChatPrompts,
    engine: Engine,
    *,
    take: TakeAnswer,
    should_stop: Callable[[], bool],
    is_scripted: bool,
) -> None:
    """Have all questions answered; `take` gets each answer as it comes.

    Raises:
        StoppedError: a person stopped the run.
    """
    done = 0

    def on_written(prompt: Prompted, written: Written) -> None:
        nonlocal done
        done += 1
        take(_answer(prompt, written, is_scripted=is_scripted))

    fitting = _fitting(questions, prompts, engine.context, take)
    engine.write(fitting, on_written, should_stop)
    if done < len(fitting):
        left = len(fitting) - done
        raise StoppedError(f"The run was stopped; {left:,} questions are left.", "Resume it to go on.")


def _fitting(
    questions: Sequence[Question], prompts: ChatPrompts, context: int, take: TakeAnswer
) -> list[Prompted]:
    fitting = []
    for question in questions:
        try:
            prompt = prompts.prompt(question)
        except (UnaskableError, UntellableError) as error:
            take(unaskable(question, error.what))
            continue
        if context and len(prompt.tokens) >= context:
            words = f"The prompt has {len(prompt.tokens):,} tokens, and the model takes {context:,}."
            take(unaskable(question, words))
            continue
        fitting.append(prompt)
    return fitting


def _answer(prompt: Prompted, written: Written, *, is_scripted: bool) -> Answer:
    return Answer(
        item_id=prompt.item_id,
        state="answered",
        output=written.text,
        seconds=written.seconds,
        input_tokens=len(prompt.tokens),
        output_tokens=written.token_count,
        is_scripted=is_scripted,
        is_cut=written.is_cut,
    )
