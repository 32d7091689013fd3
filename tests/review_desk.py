"""Records for tests of the desk: one mistake of each kind, ratings of a judge, pairs, a long trajectory."""

from __future__ import annotations

from tests.builders import a_call, a_step, a_tool, a_trajectory
from tests.review_queues import NOW
from xlam_backend.domain.pair import Pair, PairSide
from xlam_backend.domain.rating import Rating
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.store.pairs import write_pairs
from xlam_backend.store.ratings import write_ratings

FORECAST = {
    "city": {"type": "string", "description": "The city.", "required": True},
    "days": {"type": "integer", "description": "How many days ahead.", "required": True},
    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
}


def a_forecast_tool():
    """A tool with a required number and a choice."""
    return a_tool("get_forecast", FORECAST)


def asked(query, *calls):
    """A record of one step that asks for a forecast."""
    return a_trajectory(list(calls), [a_forecast_tool(), a_tool("send_mail", {})], query=query)


WRONG_NAME = asked("Forecast for Oslo, 3 days", ToolCall("get_forcast", {"city": "Oslo", "days": 3}))
WRONG_ARGUMENT = asked("Forecast for Oslo, 3 days", ToolCall("get_forecast", {"citty": "Oslo", "days": 3}))
MISSING = asked("Forecast for Oslo for the next 5 days", ToolCall("get_forecast", {"city": "Oslo"}))
WRONG_TYPE = asked("Forecast for Oslo, 3 days", ToolCall("get_forecast", {"city": "Oslo", "days": "3"}))
MADE_UP = asked("Forecast for Oslo, 3 days", ToolCall("get_forecast", {"city": "Paris", "days": 3}))
RIGHT = asked("Forecast for Oslo, 3 days", ToolCall("get_forecast", {"city": "Oslo", "days": 3}))


def a_long_record(step_count=120):
    """A record whose last call has a value that an early observation gave, and one of a wrong type."""
    steps = [
        a_step(
            a_call(city="Oslo"), observations=(f"nothing new at place {number}",), thought=f"Look {number}."
        )
        for number in range(step_count - 1)
    ]
    steps[3] = a_step(a_call(city="Oslo"), observations=("the best city is Tromso",), thought="Ask again.")
    last = a_step(ToolCall("get_forecast", {"city": "Tromso", "days": "3"}), thought="Now the forecast.")
    tools = [a_tool(), a_forecast_tool()]
    return a_trajectory(tools=tools, steps=[*steps, last], query="Find the best city; forecast for 3 days.")


def add_ratings(store, versions):
    """Rate each version: its argument `city` as unsupported, its step 2 of 5; returns the ratings."""
    ratings = [
        rating
        for version, trajectory in versions
        for rating in (
            _rating(version, trajectory, "argument_hallucination", "argument", call=0, pointer="/city",
                    verdict="unsupported", is_flagged=True, rationale="Nobody named this city."),
            _rating(version, trajectory, "step_quality", "step", score=2.0, is_flagged=True,
                    rationale="A needless call."),
        )
    ]  # fmt: skip
    with store.write() as cursor:
        write_ratings(cursor, store, ratings)
    return ratings


def _rating(version, trajectory, judge, subject, **fields):
    return Rating(
        run_id="run-1",
        judge=judge,
        subject=subject,
        version_no=version,
        trajectory_no=trajectory,
        model="judge-1",
        prompt_name=judge,
        prompt_version=1,
        prompt_hash="h",
        input_hash="i",
        rated_at=NOW,
        step=0,
        **fields,
    )


def add_pairs(store, versions):
    """Make a pair of each version's first step: its own calls chosen, another city rejected."""
    chosen = PairSide("I ask for Oslo.", (ToolCall("get_forecast", {"city": "Oslo", "days": 3}),))
    rejected = PairSide("I ask for Bergen.", (ToolCall("get_forecast", {"city": "Bergen", "days": 3}),))
    pairs = [
        Pair(0, version, trajectory, 0, 0, "generated", chosen, rejected, "wrong value", False, 1.0, NOW)
        for version, trajectory in versions
    ]
    with store.write() as cursor:
        write_pairs(cursor, store, pairs)


def versions_of(store):
    """Every version in the store with its trajectory."""
    with store.cursor() as cursor:
        return cursor.execute("SELECT version_no, trajectory_no FROM trajectory ORDER BY 1").fetchall()
