"""`circle`: the whole circle once, with the demo data and a tiny model."""

from __future__ import annotations

import click

from xlam_backend.circle import QUESTIONS, CircleReport, CircleScore, walk_circle
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioCommand, pass_caller
from xlam_backend.cli.plain_text import table_lines
from xlam_backend.statistics.intervals import show_rate
from xlam_backend.statistics.mcnemar import McNemar


@click.command("circle", cls=StudioCommand)
@pass_caller
def walk(caller: Caller) -> None:
    """Walk the whole circle: demo data, checks, fixes, mixture, SFT, DPO, evaluation, leaderboard.

    It trains a tiny model from scratch on this machine's processor, which takes some minutes, and adds what
    it makes to the store. Nothing is fetched, and nothing it scores says how good a recipe is.
    """

    def tell(words: str) -> None:
        if not caller.should_stop():
            caller.progress(words)

    report = walk_circle(caller.store, person=caller.person(), tell=tell, should_stop=caller.should_stop)
    caller.answer(report, *_lines(report))


def _lines(report: CircleReport) -> list[str]:
    steps = [(step.name, f"{step.seconds:,.1f} s", step.words) for step in report.steps]
    total = sum(step.seconds for step in report.steps)
    return [
        *table_lines(("step", "took", "what came of it"), steps),
        f"In all {total:,.1f} s.",
        "",
        f"Scores on {QUESTIONS}, with 95 % intervals:",
        *table_lines(
            ("model", "calls (AST)", "irrelevance"), [_score_cells(score) for score in report.scores]
        ),
        "Irrelevance counts whatever is no readable call as right: a model that babbles has all of it.",
        f"SFT over untrained: {_gain_words(report.sft_gain)}",
        f"DPO over SFT: {_gain_words(report.dpo_gain)}",
        f"The leaderboard has {report.leaderboard_row_count:,} rows, these among them.",
    ]


def _score_cells(score: CircleScore) -> tuple[str, str, str]:
    return f"{score.model} ({score.stage})", show_rate(score.calls), show_rate(score.irrelevance)


def _gain_words(gain: McNemar) -> str:
    shown = gain.gain
    if shown.value is None or shown.low is None or shown.high is None:
        return shown.undefined_because
    points = f"{shown.value * 100:+.1f} points ({shown.low * 100:+.1f} to {shown.high * 100:+.1f})"
    if gain.exact_p is None:
        return f"{points}; {gain.undefined_because}"
    questions = f"{gain.only_second} questions won, {gain.only_first} lost"
    return f"{points}; {questions}, McNemar's exact p = {gain.exact_p:.2g}"


COMMANDS = (walk,)
