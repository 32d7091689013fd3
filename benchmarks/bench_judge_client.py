"""The client that asks the judges' questions, against a server that misbehaves, with kills and a budget.

    python -m benchmarks.bench_judge_client            # 10,000 calls
    python -m benchmarks.bench_judge_client --small    # the same in small, while other work runs

The server is the scripted one, in a process of its own; it answers each call after LATENCY seconds, and a
share of the calls goes wrong in every way it knows. The ideal time is calls x latency / calls at a time,
for the calls that are asked for only: every retry, wait, hanging call and slow body counts against the
client. What was paid is what the server billed, told apart by idempotency key and by question.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.figures import Figure, exit_status, show
from benchmarks.scripted_stats import read_stats
from xlam_backend.domain.person import Person
from xlam_backend.llm.chat import Budget, ChatRequest, ClientSettings, Reply
from xlam_backend.llm.client import ask_all
from xlam_backend.llm.endpoint import endpoint_by_name
from xlam_backend.llm.scripted_process import ServerCard, start_scripted_server, stop_scripted_server
from xlam_backend.prompts.prompt_file import Plain, load_prompt

LATENCY = 0.4
AT_A_TIME = 32
MOST_TIMES_IDEAL = 1.3
FAULTS = {
    "rate_limit": 0.03,
    "error": 0.02,
    "truncated": 0.02,
    "wrong_schema": 0.01,
    "broken": 0.01,
    "slow": 0.01,
    "prose": 0.02,
    "malformed": 0.02,
    "hang": 0.002,
}
OPTIONS = ("--latency", str(LATENCY), "--slow", "1.0", "--retry-after", "0.2", "--hang", "600")
SETTINGS = ClientSettings(
    concurrency=AT_A_TIME,
    timeout_seconds=5.0,
    most_retries=10,
    first_wait_seconds=0.1,
    most_failures_in_row=200,
)
ADMIN = Person("bench", "admin")


class Job(msgspec.Struct):
    """What a client process is to ask."""

    folder: str
    run_id: str
    count: int
    settings: ClientSettings


def questions(run_id: str, count: int) -> Iterator[ChatRequest]:
    """Yield questions of the judge of arguments, each about a record of its own."""
    prompt = load_prompt("judge_argument")
    form = Plain('{"id": the id, "rationale": why, "verdict": "supported" or "unsupported"}')
    for number in range(count):
        city = f"City {number}"
        context = {"request": f"{run_id}: the weather in {city} over the next {number % 9} days?"}
        item = {"id": f"{number:012}", "argument": "city", "value": city, "values": ["city"]}
        messages = prompt.fill(context=context, item=item, answer_form=form)
        yield ChatRequest(str(number), "scripted-careful", messages, max_tokens=256)


def run_client(job: Job) -> None:
    """Ask everything in this process; each reply is a line on standard output, the summary the last one."""
    endpoint = endpoint_by_name("scripted", Path(job.folder))

    def tell(reply: Reply) -> None:
        sys.stdout.write(f"{reply.key} {reply.state}\n")
        sys.stdout.flush()

    began = time.monotonic()
    summary = ask_all(
        questions(job.run_id, job.count),
        endpoint=endpoint,
        settings=job.settings,
        cache_folder=Path(job.folder),
        run_id=job.run_id,
        on_reply=tell,
    )
    spent = {"seconds": time.monotonic() - began, "cpu_seconds": time.process_time()}
    told = {**spent, **msgspec.to_builtins(summary)}
    sys.stdout.write(json.dumps(told) + "\n")


def ask(job: Job, *, kill_after: int | None = None) -> tuple[list[str], dict[str, Any]]:
    """Run a client process, to its end or until it is killed; returns its replies and its summary."""
    given = msgspec.json.encode(job).decode()
    command = [sys.executable, "-m", "benchmarks.bench_judge_client", "--client", given]
    lines: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - this program
        for line in process.stdout or ():
            lines.append(line.strip())
            if kill_after is not None and len(lines) >= kill_after:
                process.send_signal(signal.SIGKILL)
                break
    if kill_after is not None:
        return lines, {}
    return lines[:-1], json.loads(lines[-1])


def timed_figures(folder: Path, card: ServerCard, count: int) -> list[Figure]:
    """Ask everything once, with a budget that is just large enough for the repeats."""
    settings = msgspec.structs.replace(SETTINGS, budget=Budget(calls=int(count * 1.2)))
    lines, summary = ask(Job(str(folder), "timed", count, settings))
    ideal = count * LATENCY / AT_A_TIME
    stats = read_stats(card)
    print(f"   {count:,} calls, {summary['seconds']:.1f} s, ideal {ideal:.1f} s")
    print(f"   the client computed {summary['cpu_seconds']:.1f} s; what went wrong: {stats['faults']}")
    return [
        Figure("wall time / ideal time", MOST_TIMES_IDEAL, summary["seconds"] / ideal, "x"),
        *count_figures("misbehaving server", lines, count),
        Figure(
            "misbehaving server: calls paid beyond the count of the client",
            0,
            stats["billed_calls"] - summary["calls"],
        ),
        Figure("misbehaving server: questions answered and paid twice", 0, stats["answered_twice"]),
    ]


def killed_figures(folder: Path, card: ServerCard, count: int) -> list[Figure]:
    """Ask, kill the client with SIGKILL twice, and resume it."""
    before = read_stats(card)
    job = Job(str(folder), "killed", count, SETTINGS)
    for share in (0.2, 0.5):
        ask(job, kill_after=int(count * share))
    lines, summary = ask(job)
    stats = read_stats(card)
    billed = stats["billed_calls"] - before["billed_calls"]
    print(f"   {count:,} calls, killed twice: {billed:,} billed, {summary['calls']:,} counted by the client")
    return [
        *count_figures("killed and resumed", lines, count),
        Figure("killed and resumed: keys billed twice", 0, stats["billed_twice_by_key"]),
        Figure("killed and resumed: questions answered and paid twice", 0, stats["answered_twice"]),
        Figure("killed and resumed: calls paid beyond the count of the client", 0, billed - summary["calls"]),
    ]


def budget_figures(folder: Path, card: ServerCard, count: int) -> list[Figure]:
    """Ask with too small a budget of calls and of tokens, the first client killed in the middle."""
    figures = []
    tokens = count * 600
    for run_id, budget in (("calls", Budget(calls=count // 2)), ("tokens", Budget(tokens=tokens // 2))):
        before = read_stats(card)
        settings = msgspec.structs.replace(SETTINGS, budget=budget)
        job = Job(str(folder), run_id, count, settings)
        ask(job, kill_after=count // 8)
        lines, summary = ask(job)
        after = read_stats(card)
        used = {
            "calls": after["billed_calls"] - before["billed_calls"],
            "tokens": sum(after[name] - before[name] for name in ("input_tokens", "output_tokens")),
        }[run_id]
        limit = getattr(budget, run_id)
        print(
            f"   budget of {limit:,} {run_id}: {used:,} used, {summary['not_asked']:,} of {count:,} not asked"
        )
        figures.append(Figure(f"budget of {run_id}: used / allowed", 1.0, used / limit))
        figures += count_figures(f"budget of {run_id}", lines, count, states=("answered", "not_asked"))
    return figures


def count_figures(
    name: str, lines: list[str], count: int, states: tuple[str, ...] = ("answered",)
) -> list[Figure]:
    """Count what was lost, doubled, or ended in a state that it should not."""
    keys = Counter(line.partition(" ")[0] for line in lines)
    wrong = sum(1 for line in lines if line.partition(" ")[2] not in states)
    return [
        Figure(f"{name}: questions lost", 0, count - len(keys)),
        Figure(f"{name}: questions replied to twice", 0, sum(keys.values()) - len(keys)),
        Figure(f"{name}: replies without an answer", 0, wrong),
    ]


def main() -> int:
    """Print every figure; exit status 1 when one is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--small", action="store_true", help="1,000 calls")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        run_client(msgspec.json.decode(given.client, type=Job))
        return 0
    count = 1_000 if given.small else 10_000
    print(f"Client: {count:,} calls, {AT_A_TIME} at a time, {LATENCY} s each")
    faults = [word for name, share in FAULTS.items() for word in ("--fault", f"{name}={share}")]
    with tempfile.TemporaryDirectory(prefix="xlam-client-") as made:
        folder = Path(made)
        card = start_scripted_server(folder, options=(*OPTIONS, *faults), person=ADMIN)
        try:
            figures = [
                *timed_figures(folder, card, count),
                *killed_figures(folder, card, count // 4),
                *budget_figures(folder, card, count // 5),
            ]
        finally:
            stop_scripted_server(folder, person=ADMIN)
    print(show(figures))
    return exit_status(figures)


if __name__ == "__main__":
    sys.exit(main())
