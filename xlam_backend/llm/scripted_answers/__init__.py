"""What the scripted model answers, one file for each kind of prompt; simple rules, no language model."""

from __future__ import annotations

from xlam_backend.llm.scripted_answers import calls, content, next_step, quality, rephrase
from xlam_backend.llm.scripted_answers.base import Question, ScriptedAnswer

# Every rule, by the prompts it answers.
SCRIPTED_ANSWERS: tuple[ScriptedAnswer, ...] = (
    *calls.ANSWERS,
    *quality.ANSWERS,
    *content.ANSWERS,
    *next_step.ANSWERS,
    *rephrase.ANSWERS,
)

NO_RULE = "I am a scripted model for trying things out, and I have no rule for this question."


def scripted_answer(question: Question) -> str:
    """Return the reply to a question; to one without a rule, that there is none."""
    for rule in SCRIPTED_ANSWERS:
        if rule.task == question.task:
            return rule.answer(question)
    return NO_RULE
