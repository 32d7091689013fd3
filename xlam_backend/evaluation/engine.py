"""What answers for a kept model: its texts in, new texts out; which engine it is decides the machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Protocol

import msgspec

from xlam_backend.bfcl.question import Question
from xlam_backend.errors import SettingError
from xlam_backend.evaluation.asking import UnaskableError, ask_question
from xlam_backend.evaluation.plan import EvaluationPlan

VLLM = "vllm"


class Prompted(msgspec.Struct, frozen=True):
    """A question as the model reads it, and how many tokens that is."""

    item_id: str
    text: str
    tokens: tuple[int, ...]


class Written(msgspec.Struct, frozen=True):
    """What a model wrote after a prompt; `is_cut`: it had not ended when the limit was reached."""

    text: str
    token_count: int
    seconds: float
    is_cut: bool


TakeWritten = Callable[[Prompted, Written], None]


class Engine(Protocol):
    """Writes on from prompts; whatever it started it ends again."""

    context: int  # tokens that the model takes, prompt and answer together; 0 = not known

    def write(self, prompts: Sequence[Prompted], take: TakeWritten, should_stop: Callable[[], bool]) -> None:
        """Write an answer to each prompt and hand it over; end early when it should."""
        ...

    def close(self) -> None:
        """End whatever was started."""
        ...


class ChatPrompts:
    """Puts questions into a model's own tokens, with its chat template where the plan says so."""

    def __init__(self, tokenizer: Any, plan: EvaluationPlan) -> None:
        self.tokenizer = tokenizer
        self._plan = plan
        if not tokenizer.chat_template:
            raise SettingError(
                "This model's tokenizer has no chat template.",
                "Train it again: the template is kept with it.",
            )

    def prompt(self, question: Question) -> Prompted:
        """Write a question as the model reads it."""
        asked = ask_question(question, self._plan)
        messages = [{"role": message.role, "content": message.content} for message in asked.messages]
        tools = [{"type": "function", "function": tool} for tool in asked.tools or ()]
        try:
            text = self.tokenizer.apply_chat_template(
                messages, tools=tools or None, add_generation_prompt=True, tokenize=False
            )
        except Exception as error:  # a template is a program: it may raise anything
            raise UnaskableError(f"The chat template refuses it: {str(error)[:300]}") from error
        tokens = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return Prompted(question.id, text, tuple(tokens))


@lru_cache(maxsize=1)
def vllm_program() -> str:
    """Return the path of the program vllm, "" where there is none."""
    return shutil.which(VLLM) or ""


def chosen_engine(plan: EvaluationPlan, *, has_gpu: bool) -> str:
    """Return the engine that a plan means on this machine.

    Raises:
        SettingError: vLLM was asked for and is not here, or there is no GPU for it.
    """
    if plan.engine == "transformers" or (plan.engine == "auto" and not (has_gpu and vllm_program())):
        return "transformers"
    if not vllm_program():
        raise SettingError(
            "vLLM is not installed here.", "Install it (pip install vllm), or choose the engine transformers."
        )
    if not has_gpu:
        raise SettingError("There is no GPU for vLLM.", "Choose the engine transformers.")
    return VLLM
