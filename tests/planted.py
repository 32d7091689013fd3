"""Steps that errors can be planted in, for the tests about planted errors."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.builders import a_call, a_step, a_tool, a_trajectory
from xlam_backend.checks.sound_steps import compile_rules
from xlam_backend.domain.tool import tool_id
from xlam_backend.preference.corrupting import corrupt_all
from xlam_backend.preference.plan import MOST_PER_STEP, CorruptionPlan
from xlam_backend.store.stored_chunk import StoredTrajectory

AT = datetime(2026, 1, 2, tzinfo=UTC)
RULES = compile_rules()

HOTEL = {
    "city": {"type": "string", "description": "Where.", "required": True},
    "nights": {"type": "integer", "description": "How long.", "required": True},
    "stars": {"type": "number", "description": "At least.", "default": 1.0},
    "board": {"type": "string", "enum": ["half", "full"], "description": "Meals.", "default": "half"},
}
TOOLS = [a_tool("find_hotel", HOTEL), a_tool("find_camp", {"city": {"type": "string", "required": True}})]


def a_rich_trajectory(city="Oslo", nights=4, *, calls=2):
    """A request of several parts, answered in one step of one or two correct calls."""
    made = [
        a_call("find_hotel", city=city, nights=nights, board="full"),
        a_call("find_camp", city="Tromsø"),
    ]
    query = f"A hotel with full board in {city} for {nights} nights, and a camp in Tromsø."
    return a_trajectory(tools=TOOLS, steps=[a_step(*made[:calls])], query=query)


def stored(*trajectories):
    """These trajectories as the store gives them back, numbered from 1."""
    return [
        StoredTrajectory(number, number, 0, f"t{number}", f"c-{one.query}", 1, _numbers_of_tools(one), one)
        for number, one in enumerate(trajectories, 1)
    ]


def _numbers_of_tools(trajectory):
    """One number for each tool, the same wherever it is offered: what the rules know a tool by."""
    return tuple(int(tool_id(tool)[:12], 16) for tool in trajectory.tools)


def corrupted(shard, **plan):
    """All pairs that a plan gives for these stored trajectories; every kind at each step unless told."""
    wanted = CorruptionPlan(**{"per_step": MOST_PER_STEP, **plan})
    return [pair for outcome in corrupt_all(shard, wanted, RULES, now=AT) for pair in outcome.pairs]
