"""What a run of responses would ask and cost, before anything is asked.

Of many trajectories the first ones drawn are looked at and the figures scaled up; the estimate says so.
Tokens are counted as four characters each: a real tokenizer differs by some tens of per cent.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from xlam_backend.checks.sound_steps import LEFT_OUT_REASONS, LeftOutReason, choose_steps, compile_rules
from xlam_backend.llm.endpoint import Endpoint
from xlam_backend.responses.asking import step_messages
from xlam_backend.responses.job import draw_versions, prompt_for
from xlam_backend.responses.plan import RespondPlan
from xlam_backend.statistics.random_part import random_part
from xlam_backend.store.connection import Store
from xlam_backend.store.trajectories import read_trajectories

LOOKED_AT = 500
_MEASURED_STEPS = 40
_CHARACTERS_PER_TOKEN = 4
_ANSWER_TOKENS = 120


class RespondEstimate(msgspec.Struct, frozen=True):
    """A run before it starts.

    `requests` are those for candidates, one for each model, attempt and step. `most_ratings` is how many
    requests to the judge there can be: how many of them are needed shows only when the models answer.
    """

    trajectory_count: int
    looked_at: int
    step_count: int
    left_out: dict[LeftOutReason, int]
    requests: int
    most_ratings: int
    input_tokens: int
    output_tokens: int
    cost: float | None

    @property
    def is_exact(self) -> bool:
        """Whether every trajectory was looked at."""
        return self.looked_at == self.trajectory_count


def estimate_responses(
    store: Store, plan: RespondPlan, *, endpoint: Endpoint | None = None, most: int = LOOKED_AT
) -> RespondEstimate:
    """Return what a run would ask; `endpoint` is asked for its prices, `most` trajectories are looked at."""
    drawn = draw_versions(store, plan)
    looked_at = random_part(drawn, most, plan.seed)
    rules, prompt = compile_rules(), prompt_for(store)
    left_out: Counter[LeftOutReason] = Counter()
    step_count = measured = characters = 0
    for stored in read_trajectories(store, looked_at.tolist()) if len(looked_at) else ():
        chosen = choose_steps(stored.trajectory, plan.steps, rules, stored.tool_nos)
        left_out.update(chosen.left_out)
        step_count += len(chosen.steps)
        for step in chosen.steps[: max(0, _MEASURED_STEPS - measured)]:
            messages = step_messages(stored.trajectory, step, prompt, room=plan.room)
            characters += sum(len(message.content) for message in messages)
            measured += 1
    scale = len(drawn) / len(looked_at) if len(looked_at) else 0.0
    steps = round(step_count * scale)
    requests = steps * max(1, len(plan.models)) * plan.count
    mean = characters / measured if measured else 0.0
    input_tokens = round(requests * mean / _CHARACTERS_PER_TOKEN)
    output_tokens = requests * min(plan.max_tokens, _ANSWER_TOKENS)
    return RespondEstimate(
        trajectory_count=len(drawn),
        looked_at=len(looked_at),
        step_count=steps,
        left_out={reason: round(left_out[reason] * scale) for reason in LEFT_OUT_REASONS if left_out[reason]},
        requests=requests,
        most_ratings=_most_ratings(plan, steps, requests),
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cost=None if endpoint is None else endpoint.cost(input_tokens, output_tokens),
    )


def _most_ratings(plan: RespondPlan, steps: int, requests: int) -> int:
    """Every candidate and the own step of each, by every model of the committee."""
    return 0 if plan.rated == "none" else (steps + requests) * max(1, len(plan.judge.models))
