"""An evaluation against a server that answers after a fixed time: how near it comes to the ideal.

    python -m benchmarks.bench_evaluation            # 1,600 questions in either mode
    python -m benchmarks.bench_evaluation --small    # 320, while other work runs

The ideal is questions x time of an answer / calls at a time. The time of the run is that of its worker, from
its start to its last word: programs are loaded, questions read, asked, answers written down, and scored.
Then an evaluation is ended with kill -9 in the middle and resumed: nothing may be asked twice.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.figures import Figure, exit_status, show
from benchmarks.scripted_stats import read_stats
from xlam_backend.activities.evaluate_run import start_evaluation
from xlam_backend.activities.manager import resume_run, wait_for_run
from xlam_backend.bfcl.question_files import SETS_FOLDER
from xlam_backend.domain.evaluation import EvaluationMode
from xlam_backend.domain.person import Person
from xlam_backend.evaluation.plan import EvaluationPlan
from xlam_backend.llm.scripted_process import ServerCard, start_scripted_server, stop_scripted_server
from xlam_backend.runs.folder import STATUS, Status, read_record, runs_folder
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import evaluation_of_run, read_items

LEAD = Person("bench", "admin")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATENCY_SECONDS = 0.4
CONCURRENCY = 16
SET = "bench"
PLAN = EvaluationPlan(
    question_set=SET, endpoint="scripted", model="scripted-careful", concurrency=CONCURRENCY, max_tokens=256
)


def write_questions(folder: Path, count: int) -> None:
    """Write a question set in the official layout; every question is another one."""
    (folder / "possible_answer").mkdir(parents=True)
    properties = {"city": {"type": "string"}, "days": {"type": "integer"}}
    function = {
        "name": "get_forecast",
        "description": "Weather forecast of a city.",
        "parameters": {"type": "dict", "properties": properties, "required": ["city", "days"]},
    }
    questions, answers = [], []
    for number in range(count):
        said = f"What is the weather forecast of City{number} for {number % 9 + 1} days?"
        row: dict[str, Any] = {"id": f"simple_python_{number}"}
        questions.append({**row, "question": [[{"role": "user", "content": said}]], "function": [function]})
        allowed = {"city": [f"City{number}"], "days": [number % 9 + 1]}
        answers.append({**row, "ground_truth": [{"get_forecast": allowed}]})
    name = "BFCL_v4_simple_python.json"
    (folder / name).write_text("\n".join(map(json.dumps, questions)), "utf-8")
    (folder / "possible_answer" / name).write_text("\n".join(map(json.dumps, answers)), "utf-8")


def whole_run(store: Store, card: ServerCard, count: int, mode: EvaluationMode) -> list[Figure]:
    """Carry out an evaluation without a break, and time it against the ideal."""
    before = read_stats(card)["billed_calls"]
    plan = msgspec.structs.replace(PLAN, mode=mode)
    began = time.monotonic()
    status = wait_for_run(store, start_evaluation(store, plan, person=LEAD, now=NOW))
    all_in_all = time.monotonic() - began
    items = read_items(store, evaluation_of_run(store, status.run_id)).items
    ideal = count * LATENCY_SECONDS / CONCURRENCY
    return [
        Figure(f"{mode}: questions asked more or less often than once", 0, abs(_calls(card, before) - count)),
        Figure(f"{mode}: questions without a verdict", 0, sum(item.is_valid is None for item in items)),
        Figure(f"{mode}: wall time of the run, of the ideal", 1.2, (status.seconds or 0.0) / ideal),
        Figure(f"{mode}: seconds from the click to the score", None, all_in_all, "s"),
        Figure(f"{mode}: ideal", None, ideal, "s"),
    ]


def killed_run(store: Store, card: ServerCard, count: int) -> list[Figure]:
    """End an evaluation in the middle, and resume it."""
    before = read_stats(card)
    plan = msgspec.structs.replace(PLAN, model="scripted-hasty")
    run_id = start_evaluation(store, plan, person=LEAD, now=NOW)
    while _calls(card, before["billed_calls"]) < count // 2:
        time.sleep(0.02)
    status = read_record(runs_folder(store.folder) / run_id / STATUS, Status)
    if status is None or not status.worker_pid:
        raise SystemExit("The run has no worker.")
    os.kill(status.worker_pid, signal.SIGKILL)
    wait_for_run(store, run_id)
    resume_run(store, run_id, person=LEAD, now=NOW)
    wait_for_run(store, run_id)
    after = read_stats(card)
    answered = read_items(store, evaluation_of_run(store, run_id)).items
    return [
        Figure("killed, resumed: answered twice", 0, after["answered_twice"] - before["answered_twice"]),
        Figure("killed, resumed: billed twice", 0, after["billed_twice_by_key"]),
        Figure(
            "killed, resumed: questions lost", 0, count - sum(one.is_valid is not None for one in answered)
        ),
    ]


def _calls(card: ServerCard, before: int) -> int:
    return int(read_stats(card)["billed_calls"]) - before


def measure(folder: Path, count: int) -> list[Figure]:
    """Return all figures."""
    write_questions(folder / SETS_FOLDER / SET, count)
    store = Store.open(folder)
    card = start_scripted_server(folder, options=("--latency", str(LATENCY_SECONDS)), person=LEAD)
    try:
        figures = whole_run(store, card, count, "prompt")
        figures += whole_run(store, card, count, "native")
        return [*figures, *killed_run(store, card, count)]
    finally:
        stop_scripted_server(folder, person=LEAD)
        store.close()


def main() -> int:
    """Print the table; 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--small", action="store_true", help="320 questions")
    count = 320 if parser.parse_args().small else 1_600
    with tempfile.TemporaryDirectory(prefix="xlam-evaluation-") as made:
        os.environ["XLAM_DATA_DIR"] = made
        figures = measure(Path(made), count)
    print(show(figures))
    return exit_status(figures)


if __name__ == "__main__":
    raise SystemExit(main())
