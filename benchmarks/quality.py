"""Holds the checks against the BFCL v4 gold answers and against planted errors: `make quality`.

Gold must pass (but for the samples known to contradict their own tools), planted errors must be found
at their place, and a type fix must bring the gold value back. Ends with 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from benchmarks import planted_errors
from benchmarks.bfcl_gold import GoldSample, read_contradictions, read_gold
from benchmarks.planted_errors import Planted, plant
from xlam_backend.checks import CHECKS
from xlam_backend.checks.engine import CheckEngine, compile_checks
from xlam_backend.domain.edits import apply_edits
from xlam_backend.domain.finding import Finding
from xlam_backend.domain.json_pointer import join_pointer, split_pointer, value_at
from xlam_backend.domain.type_values import is_same_value

SEED = 20260101
SCHEMA_RULES = frozenset({"T1", "T2", "C2", "C3", "C4", "C5", "C6", "C8"})
INFORMING_RULES = ("T3", "T4", "T5", "T6")
RULE_OF = {check.name: check.rule_id for check in CHECKS}
PLANTERS = {
    "C2": planted_errors.wrong_function_name,
    "C3": planted_errors.wrong_argument_name,
    "C4": planted_errors.missing_argument,
    "C6": planted_errors.outside_enum,
    "C8": planted_errors.repeated_call,
}


class Row(msgspec.Struct, frozen=True):
    """One line of the table: what was counted, and the bar it must reach (None: shown only)."""

    name: str
    count: int
    total: int
    bar: float | None = None
    at_most: bool = False

    @property
    def share(self) -> float:
        """The counted share, 0 of nothing."""
        return self.count / self.total if self.total else 0.0

    @property
    def is_met(self) -> bool:
        """Whether the bar is reached (always, where there is none)."""
        if self.bar is None:
            return True
        return self.total > 0 and (self.share <= self.bar if self.at_most else self.share >= self.bar)


class Report(msgspec.Struct):
    """The table, and the notes under it."""

    rows: list[Row] = []
    notes: list[str] = []

    @property
    def is_met(self) -> bool:
        """Whether every bar is reached."""
        return all(row.is_met for row in self.rows)


def measure(folder: Path, seed: int = SEED) -> Report:
    """Return the whole table for the gold answers in `folder` (bfcl)."""
    samples = read_gold(folder)
    known = read_contradictions(folder)
    engine = compile_checks(check for check in CHECKS if check.rule_id in {*SCHEMA_RULES, *INFORMING_RULES})
    report = Report()
    flagged = _measure_gold(report, engine, samples, known)
    clean = [sample for sample in samples if sample.id not in known and sample.id not in flagged]
    _measure_recall(report, engine, clean, seed)
    _measure_grounding(report, samples, seed)
    return report


def _measure_gold(
    report: Report, engine: CheckEngine, samples: list[GoldSample], known: dict[str, list[str]]
) -> set[str]:
    """Count what the rules say about the gold answers; return the flagged ids."""
    findings = {sample.id: _all_findings(engine, sample) for sample in samples}
    flagged = {sample_id: hits for sample_id, found in findings.items() if (hits := _flagging(found))}
    beyond = sorted(flagged.keys() - known.keys())
    report.rows.append(Row("gold samples flagged by T1, T2, C2-C6, C8", len(flagged), len(samples)))
    report.rows.append(
        Row("  of them not among the known contradictions", len(beyond), len(samples), 0.0, at_most=True)
    )
    report.rows.append(Row("  known contradictions found", len(flagged.keys() & known.keys()), len(known)))
    warned = {
        sample_id: found
        for sample_id, found in findings.items()
        if sample_id not in known and any(_is_schema_warning(each) for each in found)
    }
    report.rows.append(Row("  not among them, with a warning of C2-C6 or C8", len(warned), len(samples)))
    report.notes += [
        f"a warning, not known: {sample_id}: {_say(warned[sample_id])}" for sample_id in sorted(warned)
    ]
    report.notes += [f"flagged, not known: {sample_id}: {_say(flagged[sample_id])}" for sample_id in beyond]
    for sample_id in sorted(known.keys() - flagged.keys()):
        said = _say(findings[sample_id]) or "no finding"
        report.notes.append(f"known, not flagged: {sample_id} ({', '.join(known[sample_id])}): {said}")
    by_rule = Counter((RULE_OF[f.check], f.level) for found in findings.values() for f in _distinct(found))
    for (rule, level), count in sorted(by_rule.items()):
        report.rows.append(
            Row(f"  gold samples with a finding of {rule}, level {level}", count, len(samples))
        )
    return set(flagged)


def _all_findings(engine: CheckEngine, sample: GoldSample) -> list[Finding]:
    """Return what every rule says about a sample and its tools; a rule that failed is an error here."""
    outcomes = [engine.check_trajectory(sample.trajectory)]
    outcomes += [engine.check_tool(tool) for tool in sample.trajectory.tools]
    failed = [failure for outcome in outcomes for failure in outcome.not_checked]
    if failed:
        raise RuntimeError(f"{sample.id}: {failed[0].check} failed: {failed[0].reason}")
    return [finding for outcome in outcomes for finding in outcome.findings]


def _flagging(findings: Iterable[Finding]) -> list[Finding]:
    return [f for f in findings if RULE_OF[f.check] in SCHEMA_RULES and f.level in ("reject", "fix")]


def _is_schema_warning(finding: Finding) -> bool:
    return RULE_OF[finding.check] in SCHEMA_RULES and finding.level == "warn"


def _distinct(findings: Iterable[Finding]) -> list[Finding]:
    """Return one finding per rule and level."""
    return list({(RULE_OF[finding.check], finding.level): finding for finding in findings}.values())


def _say(findings: Iterable[Finding]) -> str:
    shown = [f for f in findings if RULE_OF[f.check] in SCHEMA_RULES]
    return "; ".join(f"{RULE_OF[f.check]} {f.level}: {f.message}" for f in shown[:2])


def _measure_recall(report: Report, engine: CheckEngine, clean: list[GoldSample], seed: int) -> None:
    for rule_id, planter in PLANTERS.items():
        cases = list(plant(planter, clean, seed))
        found = sum(1 for case in cases if _find(engine, case))
        report.rows.append(Row(f"planted errors found: {rule_id}", found, len(cases), 0.99))
        report.notes += _missed(engine, cases)
    stringified = list(plant(planted_errors.stringified_value, clean, seed))
    others = list(plant(planted_errors.other_type, clean, seed))
    cases = [*stringified, *others]
    found = sum(1 for case in cases if _find(engine, case))
    report.rows.append(Row("planted errors found: C5", found, len(cases), 0.98))
    report.notes += _missed(engine, cases)
    restored = sum(1 for case in stringified if _is_restored(case, _find(engine, case)))
    report.rows.append(Row("  a type fix restores the gold value", restored, len(stringified), 0.98))
    unmended = [case for case in stringified if not _is_restored(case, _find(engine, case))]
    report.notes += [
        f"not restored: {case.sample_id} {case.pointer}: {case.gold!r:.80}" for case in unmended[:5]
    ]


def _missed(engine: CheckEngine, cases: list[Planted]) -> list[str]:
    missed = [case for case in cases if not _find(engine, case)]
    return [f"missed: {case.rule_id} ({case.kind}): {case.sample_id} {case.pointer}" for case in missed[:5]]


def _find(engine: CheckEngine, case: Planted) -> list[Finding]:
    """Return the findings of the planted error's rule at its very place."""
    return [
        finding
        for finding in engine.check_trajectory(case.trajectory).findings
        if RULE_OF[finding.check] == case.rule_id
        and (finding.step, finding.call) == (case.step, case.call)
        and (finding.pointer + "/").startswith(case.pointer + "/")
    ]


def _is_restored(case: Planted, findings: list[Finding]) -> bool:
    """Tell whether the fixes of these findings bring the gold value back, type and all."""
    fixes = [finding.fix for finding in findings if finding.fix is not None]
    if not fixes or len(fixes) != len(findings):
        return False
    mended = apply_edits(case.trajectory, [edit for fix in fixes for edit in fix.edits])
    arguments = mended.steps[case.step].tool_calls[case.call].arguments
    return is_same_value(value_at(arguments, case.pointer), case.gold)


def _measure_grounding(report: Report, samples: list[GoldSample], seed: int) -> None:
    checks = [check for check in CHECKS if check.rule_id == "C10"]
    if not checks:
        report.notes.append("C10 is not registered: grounding was not measured")
        return
    engine = compile_checks(checks)
    total = sum(len(call.arguments) for sample in samples for call in sample.trajectory.steps[0].tool_calls)
    flagged = sum(len(set(_ungrounded(engine, sample))) for sample in samples)
    report.rows.append(Row("gold arguments flagged as ungrounded (C10)", flagged, total, 0.056, at_most=True))
    cases = list(planted_errors.foreign_texts(samples, seed))
    found = sum(1 for case in cases if _find(engine, case))
    report.rows.append(Row("foreign texts found ungrounded (C10)", found, len(cases), 0.95))


def _ungrounded(engine: CheckEngine, sample: GoldSample) -> Iterator[tuple[int, int, str]]:
    for finding in engine.check_trajectory(sample.trajectory).findings:
        yield finding.step, finding.call, join_pointer(split_pointer(finding.pointer)[:1])


def show(report: Report) -> str:
    """Write the table and its notes."""
    lines = [f"{'what':<58}{'count':>8}{'of':>8}{'share':>10}{'bar':>10}"]
    for row in report.rows:
        bar = "" if row.bar is None else f"{'<=' if row.at_most else '>='} {row.bar:.1%}"
        missed = "" if row.is_met else "  MISSED"
        lines.append(f"{row.name:<58}{row.count:>8,}{row.total:>8,}{row.share:>10.2%}{bar:>10}{missed}")
    return "\n".join([*lines, "", *report.notes])


def main(measured: Callable[[Path, int], Report] = measure, description: str | None = __doc__) -> int:
    """Print the table; 0 when every bar is reached, 1 when one is missed, 2 without the data."""
    parser = argparse.ArgumentParser(description=description)
    default = os.environ.get("XLAM_SHARED_DIR") or Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--shared", type=Path, default=Path(default), help="folder that holds bfcl/")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    if not (given.shared / "bfcl" / "v4").is_dir():
        print(
            f"No BFCL data at {given.shared}: set XLAM_SHARED_DIR to the folder that holds bfcl/.",
            file=sys.stderr,
        )
        return 2
    report = measured(given.shared / "bfcl", given.seed)
    print(show(report))
    return 0 if report.is_met else 1


if __name__ == "__main__":
    raise SystemExit(main())
