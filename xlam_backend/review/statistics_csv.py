"""Agreement and calibration as CSV: every number of every table and plot, one a row, with its interval."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from xlam_backend.domain.csv_cell import csv_cell
from xlam_backend.review.agreement import AgreementReport, GroupAgreement
from xlam_backend.review.calibration import Calibration, CalibrationDetail
from xlam_backend.statistics.estimate import Estimate
from xlam_backend.statistics.intervals import Rate

_COLUMNS = ("value", "low", "high", "n", "undefined_because")
AGREEMENT_COLUMNS = ("table", "question", "queue", "check", "person", "other_person", "statistic", *_COLUMNS)
CALIBRATION_COLUMNS = ("table", "check_or_judge", "model", "prompt_version", "statistic", *_COLUMNS)

Cells = tuple[object, ...]


def write_agreement_csv(report: AgreementReport) -> str:
    """Return every number of an agreement report."""
    question = report.question.name
    rows: list[Cells] = []
    for place, group in enumerate((report.overall, *report.groups)):
        table = "all" if place == 0 else "group"
        head = (table, question, group.queue, group.check, "", "")
        rows += [(*head, name, *cells) for name, cells in _group_cells(group)]
    for person in report.people:
        head = ("person", question, "", "", person.person, "")
        seconds = person.seconds
        rows += [
            (*head, "verdicts", person.verdict_count, None, None, person.verdict_count, ""),
            (
                *head,
                "seconds per verdict (median, quartiles)",
                seconds.median,
                seconds.low,
                seconds.high,
                seconds.n,
                "",
            ),
            (*head, "unsure", *_rate(person.unsure)),
            (*head, "same as others", *_rate(person.with_others)),
            (*head, "same when shown again", *_rate(person.repeats.same)),
            (*head, "kappa when shown again", *_estimate(person.repeats.kappa)),
            (*head, "known answers right", *_rate(person.gold)),
        ]
    for pair in report.pairs:
        head = ("pair of people", question, "", "", pair.first, pair.second)
        rows += [(*head, "kappa", *_estimate(pair.kappa)), (*head, "same answer", *_rate(pair.same))]
    return _write(AGREEMENT_COLUMNS, rows)


def write_calibration_csv(
    calibrations: Iterable[Calibration], detail: CalibrationDetail | None = None
) -> str:
    """Return every number of the calibrations, and of one in detail."""
    rows: list[Cells] = []
    for each in calibrations:
        head = ("quality", *_voice(each))
        rows += [(*head, name, *cells) for name, cells in _quality_cells(each)]
    if detail is not None:
        head = _voice(detail.calibration)
        rows += [(table, *head, name, *cells) for table, name, cells in _detail_cells(detail)]
    return _write(CALIBRATION_COLUMNS, rows)


def _voice(calibration: Calibration) -> Cells:
    voice = calibration.voice
    return (voice.name or "all checks together", voice.model, voice.prompt_version or "")


def _group_cells(group: GroupAgreement) -> Iterator[tuple[str, Cells]]:
    yield "verdicts", (group.verdict_count, None, None, group.item_count, "")
    yield "same answer", _rate(group.same)
    yield "krippendorff alpha", _estimate(group.alpha)
    yield f"fleiss kappa ({group.fleiss.rater_count} answers)", _estimate(group.fleiss.kappa)
    yield "shared items for +-0.10 of alpha", (group.wanted_count, None, None, group.shared_count, "")


def _quality_cells(calibration: Calibration) -> Iterator[tuple[str, Cells]]:
    quality = calibration.quality
    yield "answered items", (calibration.answered_count, None, None, calibration.answered_count, "")
    yield "settled items", (calibration.settled_count, None, None, calibration.answered_count, "")
    yield "precision", _rate(quality.precision)
    yield "weighted precision", _estimate(quality.weighted_precision)
    yield "weighted recall", _estimate(quality.recall)
    yield "weighted F1", _estimate(quality.f1)
    yield "weighted kappa of the flag", _estimate(quality.kappa)


def _detail_cells(detail: CalibrationDetail) -> Iterator[tuple[str, str, Cells]]:
    for name, matrix in (("flags", detail.flags), ("ratings", detail.ratings)):
        for row, counts in enumerate(matrix.counts if matrix else ()):
            for column, count in enumerate(counts):
                labels = matrix.labels if matrix else ()
                yield name, f"machine {labels[row]}, people {labels[column]}", (count, None, None, count, "")
    yield "ratings", "quadratic kappa", _estimate(detail.rating_kappa)
    yield "ratings", "within one point", _rate(detail.within_one)
    for bar in detail.histogram:
        for word, count in (("fine", bar.good), ("bad", bar.bad), ("not settled", bar.unlabelled)):
            yield "scores", f"score {bar.low:g} to {bar.high:g}, {word}", (count, None, None, count, "")
    for score in detail.by_score:
        yield "bad by score", f"score {score.low:g} to {score.high:g}", _rate(score.bad)
    for line in detail.lines:
        for word, value in (("precision", line.precision), ("recall", line.recall), ("F1", line.f1)):
            yield (
                "line",
                f"{word} when flagged up to {line.threshold:g}",
                (value, None, None, line.flagged, ""),
            )
    measure = detail.length.measure
    yield "length", f"rank correlation with {measure}", _estimate(detail.length.bias.correlation)
    for group in detail.length.bias.groups:
        name = f"judge minus people, {measure} {group.shortest} to {group.longest}"
        yield "length", name, (group.mean_error, group.low, group.high, group.n, "")


def _rate(shown: Rate) -> Cells:
    return (shown.share, shown.low, shown.high, shown.total, "" if shown.total else "nothing to count")


def _estimate(shown: Estimate) -> Cells:
    return (shown.value, shown.low, shown.high, shown.n, shown.undefined_because)


def _write(columns: Sequence[str], rows: Iterable[Cells]) -> str:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([csv_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return lines.getvalue()
