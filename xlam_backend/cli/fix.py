"""`families`, `fix`, `undo`, `acts`: repairs that lose nothing, each of which can be taken back."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

import click
import msgspec

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioCommand, pass_caller
from xlam_backend.cli.filters import read_filters, with_filters
from xlam_backend.domain.finding import Finding
from xlam_backend.domain.json_pointer import show_pointer
from xlam_backend.domain.trajectory_diff import Change
from xlam_backend.repair import (
    AppliedFix,
    FamilyPreview,
    FamilyReport,
    FixPreview,
    apply_family,
    apply_fix,
    list_acts,
    preview_family,
    preview_fix,
    undo,
)
from xlam_backend.store.family_list import FamilyCount, count_families


@click.command("families", cls=StudioCommand)
@with_filters
@click.option("--limit", default=20, type=click.IntRange(1), show_default=True, help="At most this many.")
@pass_caller
def show_families(caller: Caller, /, limit: int, **wanted: Any) -> None:
    """List findings that can be mended together, the largest family first."""
    families = count_families(caller.store, read_filters(caller.store, wanted), most=limit)
    caller.answer(families, *(line for family in families for line in _family_entry(family)))


@click.command("fix", cls=StudioCommand)
@click.argument("finding_no", metavar="[FINDING]", type=int, required=False)
@click.option("--family", metavar="KEY", help="Mend every trajectory of this family in one act.")
@click.option("--preview", is_flag=True, help="Show what it would change, and change nothing.")
@click.option("--sample", default=5, show_default=True, help="How many of a family a preview shows.")
@click.option("--seed", default=0, show_default=True, help="Which ones: the same seed shows the same.")
@pass_caller
def fix(
    caller: Caller,
    /,
    finding_no: int | None,
    family: str | None,
    preview: bool,
    sample: int,
    seed: int,
) -> None:
    """Apply the fix of one FINDING (its number stands in `show`), or of a whole family.

    A fix makes a new version and is checked again; one that would bring an error is refused.
    """
    if (finding_no is None) == (family is None):
        raise click.UsageError("Give the number of a finding, or --family with its key.")
    store = caller.store
    if family is None:
        number = finding_no or 0
        if preview:
            shown = preview_fix(store, number)
            caller.answer(shown, *preview_lines(shown))
        else:
            applied = apply_fix(store, number, person=caller.person(), now=caller.now)
            caller.answer(applied, *_applied_lines(applied))
    elif preview:
        sampled = preview_family(store, family, sample=sample, seed=seed)
        caller.answer(sampled, *_family_lines(sampled))
    else:
        report = apply_family(
            store,
            family,
            person=caller.person(),
            now=caller.now,
            progress=lambda made: caller.progress(f"{made.done_count:,} of {made.total_count:,} mended"),
        )
        caller.answer(report, *_report_lines(report))


@click.command("undo", cls=StudioCommand)
@click.argument("act_no", metavar="ACT", type=int)
@pass_caller
def undo_act(caller: Caller, /, act_no: int) -> None:
    """Take back an act (its number stands in `acts`); the undoing is itself an act."""
    number = undo(caller.store, act_no, person=caller.person(), now=caller.now)
    caller.answer({"act_no": number, "undoes": act_no}, f"Act {act_no} was taken back by act {number}.")


@click.command("acts", cls=StudioCommand)
@click.option("--limit", default=100, type=click.IntRange(1), show_default=True, help="At most this many.")
@pass_caller
def show_acts(caller: Caller, limit: int) -> None:
    """List what was fixed and undone, the newest first."""
    acts = list_acts(caller.store, limit=limit)
    header = ("act", "when", "who", "trajectories", "what", "can be undone")
    rows = [
        (
            str(act.act_no),
            act.acted_at.isoformat(" ", "seconds"),
            act.actor,
            act.trajectory_count,
            act.summary,
            "yes" if act.can_be_undone else "no",
        )
        for act in acts
    ]
    caller.answer_table(acts, header, rows)


def preview_lines(preview: FixPreview) -> list[str]:
    """Say what a fix would change, argument by argument."""
    return [
        f"Trajectory {preview.trajectory_id}, version {preview.version}: {preview.summary}",
        *map(_change_line, preview.changes),
        *_finding_lines(preview.cleared, preview.introduced),
        *([f"  Refused: {preview.refused}"] if preview.refused else []),
    ]


def _family_entry(family: FamilyCount) -> list[str]:
    place = ", ".join(part for part in (family.tool, show_pointer(family.pointer)) if part)
    return [
        f"{family.trajectory_count:,} trajectories: {family.check} at {place}; for example: {family.summary}",
        f"    python -m xlam_backend fix --preview --family {shlex.quote(family.family)}",
    ]


def _family_lines(preview: FamilyPreview) -> list[str]:
    head = f"{preview.finding_count:,} findings in {preview.trajectory_count:,} trajectories; a sample:"
    return [head, *(line for sample in preview.samples for line in preview_lines(sample))]


def _applied_lines(applied: AppliedFix) -> list[str]:
    return [
        f"Fixed in act {applied.act_no}: trajectory {applied.trajectory_id}",
        *map(_change_line, applied.changes),
        *_finding_lines(applied.cleared, applied.introduced),
        f"To take it back: python -m xlam_backend undo {applied.act_no}",
    ]


def _report_lines(report: FamilyReport) -> list[str]:
    lines = [
        f"{report.fixed_count:,} trajectories mended in act {report.act_no}: "
        f"{report.cleared_count:,} findings gone, {report.introduced_count:,} new"
    ]
    lines += [f"Left as they were: {out.count:,} ({out.reason})" for out in report.left_out]
    if report.act_no:
        lines.append(f"To take it back: python -m xlam_backend undo {report.act_no}")
    return lines


def _change_line(change: Change) -> str:
    step = f"step {change.step + 1}" if change.step >= 0 else ""
    place = ", ".join(part for part in (step, change.tool, show_pointer(change.pointer)) if part)
    return f"  {place}: {_said(change.before)} -> {_said(change.after)}"


def _said(value: Any) -> str:
    return "nothing" if value is msgspec.UNSET else msgspec.json.encode(value).decode()


def _finding_lines(cleared: Sequence[Finding], introduced: Sequence[Finding]) -> list[str]:
    return [
        *(f"  gone: {finding.check}: {finding.message}" for finding in cleared),
        *(f"  new: {finding.check}: {finding.message}" for finding in introduced),
    ]


COMMANDS = (show_families, fix, undo_act, show_acts)
