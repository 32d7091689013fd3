"""`agreement`, `calibration`: how far reviewers agree, and how far checks and judges can be trusted."""

from __future__ import annotations

import click

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioCommand, pass_caller
from xlam_backend.cli.plain_text import table_lines
from xlam_backend.domain.rating import SCRIPTED_LABEL
from xlam_backend.errors import NotFoundError
from xlam_backend.review.agreement import AgreementReport, GroupAgreement, read_agreement
from xlam_backend.review.calibration import (
    LENGTHS,
    Calibration,
    CalibrationDetail,
    Voice,
    read_calibration,
    read_calibration_detail,
)
from xlam_backend.review.calibration_items import Comparison, compare_voices
from xlam_backend.review.questions import QUESTION_NAMES
from xlam_backend.review.statistics_csv import write_agreement_csv, write_calibration_csv
from xlam_backend.statistics.estimate import show_estimate
from xlam_backend.statistics.intervals import show_rate

QUEUE = click.option("--queue", "queue_no", type=int, default=0, metavar="N", help="Only this queue.")
CSV = click.option(
    "--csv", "as_csv", is_flag=True, help="Print every number as CSV, the file the page offers."
)


@click.command("agreement", cls=StudioCommand)
@QUEUE
@click.option("--check", default="", metavar="NAME", help="Only this check or judge.")
@click.option(
    "--question",
    type=click.Choice(QUESTION_NAMES),
    default=None,
    help="What was asked; the question that was answered most often if left out.",
)
@CSV
@pass_caller
def show_agreement(
    caller: Caller, /, queue_no: int, check: str, question: str | None, *, as_csv: bool
) -> None:
    """Show how far reviewers agree: alpha, kappas, repeats and known answers, with 95 % intervals.

    Undefined is shown as undefined: where everyone gave the same answer there is nothing to measure.
    """
    report = read_agreement(caller.store, queue_no, check, question or "")
    if as_csv:
        caller.write_out(write_agreement_csv(report))
        return
    caller.answer(report, *_agreement_lines(report))


@click.command("calibration", cls=StudioCommand)
@QUEUE
@click.option(
    "--check", default=None, metavar="NAME", help='One check or judge in detail; "" for all checks.'
)
@click.option("--model", default="", metavar="NAME", help="The judge's model.")
@click.option("--prompt", type=int, default=0, metavar="N", help="The version of the judge's prompt.")
@click.option(
    "--against",
    type=int,
    default=None,
    metavar="N",
    help="Compare with this version of the prompt on the same places (paired McNemar).",
)
@click.option(
    "--length", type=click.Choice(tuple(LENGTHS)), default="steps", help="The length that may sway a judge."
)
@CSV
@pass_caller
def show_calibration(
    caller: Caller,
    /,
    queue_no: int,
    check: str | None,
    model: str,
    prompt: int,
    against: int | None,
    length: str,
    *,
    as_csv: bool,
) -> None:
    """Show how far checks and judges can be trusted, measured against what people settled on.

    Precision, weighted recall and kappa of each; one of them in detail with --check (and --model and
    --prompt for a judge), with the line to draw in its scores.
    """
    if check is None:
        found = read_calibration(caller.store, queue_no)
        if as_csv:
            caller.write_out(write_calibration_csv(found))
        else:
            caller.answer(found, *_calibration_lines(found))
        return
    voice = Voice(check, model, prompt)
    if against is not None:
        compared = compare_voices(caller.store, voice, Voice(check, model, against), queue_no)
        caller.answer(compared, *_comparison_lines(compared))
        return
    detail = read_calibration_detail(caller.store, voice, queue_no, length=length)
    if detail is None:
        raise NotFoundError(
            "Nobody has answered an item of this check or judge.",
            "Without --check the command lists those that have answers.",
        )
    if as_csv:
        caller.write_out(write_calibration_csv((), detail))
    else:
        caller.answer(detail, *_detail_lines(detail))


def _agreement_lines(report: AgreementReport) -> list[str]:
    people = [
        (
            person.person,
            person.verdict_count,
            "" if person.seconds.median is None else f"{person.seconds.median:.1f}",
            show_rate(person.with_others),
            show_rate(person.repeats.same),
            show_rate(person.gold),
        )
        for person in report.people
    ]
    pairs = [(f"{pair.first}, {pair.second}", show_estimate(pair.kappa)) for pair in report.pairs]
    return [
        f"Question: {report.question.title}",
        "",
        *table_lines(
            ("queue", "check or judge", "alpha", "Fleiss' kappa", "alike"),
            [_group_row(report.overall, "all"), *(_group_row(group) for group in report.groups)],
        ),
        "",
        *table_lines(
            ("person", "verdicts", "seconds", "same as others", "same when shown again", "known answers"),
            people,
        ),
        "",
        *table_lines(("pair", "Cohen's kappa"), pairs),
    ]


def _group_row(group: GroupAgreement, name: str = "") -> tuple[str, ...]:
    return (
        name or group.queue,
        group.check,
        show_estimate(group.alpha),
        show_estimate(group.fleiss.kappa),
        show_rate(group.same),
    )


def _calibration_lines(found: tuple[Calibration, ...]) -> list[str]:
    rows = [
        (
            each.voice.name or "all checks together",
            each.voice.model,
            each.voice.prompt_version or "",
            f"{each.settled_count} of {each.answered_count}",
            show_rate(each.quality.precision),
            show_estimate(each.quality.recall),
            show_estimate(each.quality.kappa),
        )
        for each in found
    ]
    note = [f"Among these: {SCRIPTED_LABEL}."] if any(each.is_scripted for each in found) else []
    heads = ("check or judge", "model", "prompt", "settled", "precision", "recall, weighted", "kappa")
    return [*table_lines(heads, rows), *note]


def _comparison_lines(compared: Comparison) -> list[str]:
    test, first, second = compared.test, compared.first.prompt_version, compared.second.prompt_version
    return [
        f"only prompt {first} is right: {test.only_first}, only prompt {second}: {test.only_second}, "
        f"both {test.both}, neither {test.neither}",
        f"gain of prompt {second}: {show_estimate(test.gain, 'places')}",
        f"McNemar: {test.undefined_because or f'mid-p {test.mid_p:.4f}, exact {test.exact_p:.4f}'}",
    ]


def _detail_lines(detail: CalibrationDetail) -> list[str]:
    quality = detail.calibration.quality
    numbers = [
        ("settled items", str(detail.calibration.settled_count)),
        ("precision", show_rate(quality.precision)),
        ("precision, weighted", show_estimate(quality.weighted_precision)),
        ("recall, weighted", show_estimate(quality.recall)),
        ("F1, weighted", show_estimate(quality.f1)),
        ("kappa of the flag", show_estimate(quality.kappa)),
        ("kappa of the ratings", show_estimate(detail.rating_kappa)),
        ("within one point", show_rate(detail.within_one)),
        (f"rank correlation with {detail.length.measure}", show_estimate(detail.length.bias.correlation)),
    ]
    flags = [(f"machine {label}", *counts) for label, counts in zip(detail.flags.labels, detail.flags.counts)]
    lines = [
        f"{each.goal}: {f'flag up to {each.line.threshold:g}' if each.line else each.undefined_because}"
        for each in detail.suggestions
    ]
    note = [f"{SCRIPTED_LABEL}."] if detail.calibration.is_scripted else []
    return [
        *table_lines(("number", "value"), numbers),
        "",
        *table_lines(("", *(f"people {label}" for label in detail.flags.labels)), flags),
        "",
        *lines,
        *note,
    ]


COMMANDS = (show_agreement, show_calibration)
