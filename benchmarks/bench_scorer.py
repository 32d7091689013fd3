"""How fast a whole single-turn set of the leaderboard is scored.

    python -m benchmarks.bench_scorer

As many questions as BFCL v4 has in its single-turn categories (3,641), once with the public questions
and real answers where they are at hand (../shared/data or XLAM_SHARED_DIR), once with generated ones.
Measured are the scoring alone, after start, and the whole command with all its reading. The official
tool took 9.1 s for the public set on one core, mostly for its imports; a fifth of this is asked.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, exit_status, show
from xlam_backend.bfcl.categories import CALL_KINDS, Category, Language, categories_of
from xlam_backend.bfcl.official_names import file_path
from xlam_backend.bfcl.oracle import oracle_files, read_oracle
from xlam_backend.bfcl.question_files import read_question_set
from xlam_backend.bfcl.reading import PROMPTED
from xlam_backend.bfcl.result_files import read_results
from xlam_backend.bfcl.scored_results import score_results

SHARED = Path(os.environ.get("XLAM_SHARED_DIR") or Path(__file__).resolve().parents[2] / "shared" / "data")
OFFICIAL_SECONDS = 9.1
MODEL = "Qwen_Qwen3-8B"  # answers as code, which take longest to read
_QUOTED: dict[Language, str] = {"python": "city='{}'", "java": 'city = "{}"', "javascript": "city='{}'"}
_COUNTED: dict[Language, str] = {"python": "days={}", "java": "days = {}L", "javascript": "days={}"}
_TYPES: dict[Language, tuple[str, str]] = {
    "python": ("string", "integer"),
    "java": ("String", "long"),
    "javascript": ("String", "integer"),
}


def single_turn_categories() -> list[Category]:
    """The categories of v4 that are scored here."""
    return [one for one in categories_of("v4") if one.is_scored_here]


def write_generated(folder: Path, seed: int) -> None:
    """Write as many questions as v4 has, their allowed answers, and a model's results, some of them wrong."""
    chance = random.Random(seed)
    for category in single_turn_categories():
        rows = [_generated(category, number, chance) for number in range(category.count("v4"))]
        name = f"BFCL_v4_{category.name}.json"
        _write_lines(folder / "set" / name, [row["question"] for row in rows])
        if category.kind in CALL_KINDS:
            _write_lines(folder / "set" / "possible_answer" / name, [row["answer"] for row in rows])
        results = [{"id": row["question"]["id"], "result": row["output"]} for row in rows]
        _write_lines(file_path(folder, "result", MODEL, category, "v4"), results)


def _generated(category: Category, number: int, chance: random.Random) -> dict[str, Any]:
    text, whole = _TYPES[category.language]
    count = 2 if "parallel" in category.name else 1
    functions = [_function(f"weather.forecast_{place}", text, whole) for place in range(3)]
    if category.kind == "simple":
        functions = functions[:1]
    days = [chance.randrange(100) for _ in range(count)]
    name = functions[-1]["name"]
    answer = [{name: {"city": ["Oslo", "oslo, norway"], "days": [day]}} for day in days]
    # One answer in five is off by one.
    given = [day + (chance.random() < 0.2) for day in days]
    pattern = f"{name}({_QUOTED[category.language]}, {_COUNTED[category.language]})"
    calls = ", ".join(pattern.format("Oslo", day) for day in given)
    item_id = f"{category.name}_{number}"
    turns = [[{"role": "user", "content": f"What weather is to come in {days} days?"}]]
    return {
        "question": {"id": item_id, "question": turns, "function": functions},
        "answer": {"id": item_id, "ground_truth": answer},
        "output": f"[{calls}]" if category.kind != "irrelevance" else "I have no function for this.",
    }


def _function(name: str, text: str, whole: str) -> dict[str, Any]:
    properties = {
        "city": {"type": text, "description": "Where."},
        "days": {"type": whole, "description": "When."},
    }
    parameters = {"type": "dict", "properties": properties, "required": ["city"]}
    return {"name": name, "description": "Tells the weather that is to come.", "parameters": parameters}


def write_real(folder: Path, shared: Path) -> None:
    """Write the answers that one model of the oracle gave to the public questions."""
    (folder / "set").symlink_to(shared / "bfcl" / "v4", target_is_directory=True)
    by_name = {one.name: one for one in single_turn_categories()}
    for name, path in oracle_files(shared / "bfcl" / "oracle").items():
        if name in by_name:
            rows = (row for row in read_oracle(path) if row.model == MODEL)
            lines = [{"id": row.id, "result": row.raw_output} for row in rows]
            _write_lines(file_path(folder, "result", MODEL, by_name[name], "v4"), lines)


def _write_lines(path: Path, rows: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def measure(folder: Path, words: str, rounds: int) -> Iterator[Figure]:
    """How long scoring and the whole command take, on results in a folder."""
    questions = read_question_set(folder / "set")
    [results] = read_results(folder / "result", questions)
    scored = score_results(results, questions, PROMPTED)  # once before, as after the start of the app
    begun = time.process_time()
    seconds = [_seconds(lambda: score_results(results, questions, PROMPTED)) for _ in range(rounds)]
    own_seconds = (time.process_time() - begun) / rounds
    count = sum(tally.total for tally in scored.tallies.values())
    correct = sum(tally.correct for tally in scored.tallies.values())
    yield Figure(f"{words}: answers scored", None, count)
    yield Figure(f"{words}: answers that are right", None, correct)
    yield Figure(f"{words}: scoring, after start", 1.0, statistics.median(seconds), "s")
    yield Figure(f"{words}: scoring, time of the processor", None, own_seconds, "s")
    begun = _seconds_of_children()
    walls = [_seconds(lambda: _run_command(folder)) for _ in range(rounds)]
    command_seconds = (_seconds_of_children() - begun) / rounds
    limit = OFFICIAL_SECONDS / 5
    yield Figure(f"{words}: whole command, 1/5 of the official {OFFICIAL_SECONDS} s", limit, min(walls), "s")
    yield Figure(f"{words}: whole command, time of the processor", None, command_seconds, "s")


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run_command(folder: Path) -> None:
    command = [sys.executable, "-m", "xlam_backend", "bfcl", "score", str(folder / "result")]
    command += ["--questions", str(folder / "set"), "--json"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own interpreter


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> int:
    """Measure and print; 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--small", action="store_true", help="One round of each.")
    given = parser.parse_args()
    rounds = 1 if given.small else given.rounds
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as place:
        os.environ["XLAM_DATA_DIR"] = str(Path(place) / "store")
        write_generated(Path(place) / "generated", given.seed)
        figures += measure(Path(place) / "generated", "generated set", rounds)
        if (SHARED / "bfcl").is_dir():
            (Path(place) / "real").mkdir()
            write_real(Path(place) / "real", SHARED)
            figures += measure(Path(place) / "real", "public set", rounds)
        else:
            print(f"left out: the public set; none at {SHARED} (set XLAM_SHARED_DIR)")
    print(show(figures))
    return exit_status(figures)


if __name__ == "__main__":
    raise SystemExit(main())
