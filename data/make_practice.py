"""Writes data/practice/: self-made conversations with which the tiny model learns to call functions.

The demo data is small and full of planted errors: enough to look at, too little to learn from. These rows are
like its clean ones, with other values, in the form of OpenAI's chats; `make circle` imports them beside it.
No question of data/questions_demo stands in them. Run `python data/make_practice.py` to write the file again;
the same seed gives the same rows.
"""

from __future__ import annotations

import gzip
import json
import random
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PRACTICE = HERE / "practice"
FILE = "practice_chats.jsonl.gz"
SEED = 2412
ROWS = 1200

Record = dict[str, Any]
Ask = Callable[[random.Random], tuple[str, list[Record]]]

_QUESTIONS = runpy.run_path(str(HERE / "make_questions.py"))
_DEMO = runpy.run_path(str(HERE / "make_samples.py"))
FUNCTIONS: dict[str, Record] = _QUESTIONS["FUNCTIONS"]
REFUSAL = "None of these functions can help with that."
_JSON_TYPES = {"dict": "object", "float": "number"}


def parks(rng: random.Random) -> tuple[str, list[Record]]:
    """Ask for the parks of a city."""
    city = rng.choice(_DEMO["CITIES"])
    return f"Which parks are there in {city}?", [{"find_parks": {"city": [city]}}]


def unrelated(rng: random.Random) -> tuple[str, list[Record]]:
    """Ask for something that no function can do."""
    what, _ = rng.choice([pair for pairs in _DEMO["EVERYDAY"].values() for pair in pairs])
    words: str = rng.choice(_DEMO["ASKING"]).format(what)
    return words, []


# Who asks, and how often in relation to the others.
ASKING: dict[Ask, int] = {
    **{_QUESTIONS[name]: 3 for name in ("weather", "money", "table")},
    **{_QUESTIONS[name]: 1 for name in ("numbers", "order", "book")},
    _QUESTIONS["trip_and_weather"]: 3,
    **{_QUESTIONS[name]: 2 for name in ("two_cities", "two_amounts")},
    parks: 1,
    unrelated: 2,
}


def held_out() -> set[str]:
    """Return what the demo questions ask."""
    asked = _QUESTIONS["make_questions"](_QUESTIONS["SEED"])
    return {one["question"][0][0]["content"] for questions, _ in asked.values() for one in questions}


def make_chats(seed: int, count: int) -> list[Record]:
    """Return so many conversations of one request and one answer, no request twice but for unrelated ones."""
    rng = random.Random(seed)
    taken = held_out()
    chats: list[Record] = []
    while len(chats) < count:
        ask = rng.choices(list(ASKING), list(ASKING.values()))[0]
        asked, calls = ask(rng)
        if asked in taken:
            ask = unrelated if ask is parks else ask  # there are few cities to ask for parks of
            asked, calls = ask(rng)
        if asked in taken:
            continue
        if calls:
            taken.add(asked)
        chats.append(chat(rng, asked, calls))
    return chats


def chat(rng: random.Random, asked: str, calls: list[Record]) -> Record:
    """Write one conversation; the functions needed are offered among others, in any order."""
    needed = list(dict.fromkeys(name for call in calls for name in call))
    others = rng.sample([name for name in FUNCTIONS if name not in needed], rng.choice([0, 0, 1, 1]))
    offered = (needed + others) or rng.sample(sorted(FUNCTIONS), 2)
    rng.shuffle(offered)
    answer: Record = {"role": "assistant", "content": None if calls else REFUSAL}
    if calls:
        answer["tool_calls"] = [
            {"id": f"call_{number}", "type": "function", "function": made_call(call)}
            for number, call in enumerate(calls, start=1)
        ]
    return {
        "messages": [{"role": "user", "content": asked}, answer],
        "tools": [{"type": "function", "function": json_schema(FUNCTIONS[name])} for name in offered],
    }


def made_call(call: Record) -> Record:
    """Write a call with the first allowed value of each argument; what may be left out is."""
    ((name, arguments),) = call.items()
    given = {key: allowed[0] for key, allowed in arguments.items() if "" not in allowed}
    return {"name": name, "arguments": json.dumps(given)}


def json_schema(value: Any) -> Any:
    """Return a function of the leaderboard's files with the types of JSON Schema."""
    if isinstance(value, dict):
        return {
            key: _JSON_TYPES.get(inner, inner)
            if key == "type" and isinstance(inner, str)
            else json_schema(inner)
            for key, inner in value.items()
        }
    return value


def write_practice(folder: Path, seed: int) -> None:
    """Write the file; its bytes hold no time of day."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row) + "\n" for row in make_chats(seed, ROWS))
    (folder / FILE).write_bytes(gzip.compress(lines.encode(), mtime=0))


if __name__ == "__main__":
    write_practice(PRACTICE, SEED)
