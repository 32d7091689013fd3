"""How a study is spoken of: the state of each of its trainings, scores and gains with their intervals."""

from __future__ import annotations

from xlam_backend.activities.studies import CellState, StudyProgress
from xlam_backend.activities.study_results import CALLS
from xlam_backend.statistics.estimate import Estimate

# Look of the chip, and its words with a shape that tells states apart without colour.
CELL_STATES: dict[CellState, tuple[str, str]] = {
    "waiting": ("xs-plain", "◷ waits"),
    "freezing": ("xs-warn", "▶ freezing its data"),
    "training": ("xs-warn", "▶ training"),
    "trained": ("xs-warn", "◷ trained, waits for evaluation"),
    "evaluating": ("xs-warn", "▶ evaluation"),
    "done": ("xs-good", "✔ done"),
    "failed": ("xs-reject", "✖ failed"),
    "stopped": ("xs-plain", "■ stopped"),
    "lost": ("xs-reject", "✖ lost"),
}


def study_chip(progress: StudyProgress) -> str:
    """Return the chip that shows how a study stands."""
    done, total = progress.count("done"), len(progress.cells)
    if progress.study.is_open:
        return f'<span class="xs-chip xs-warn">▶ {done:,} of {total:,} done</span>'
    if done == total:
        return '<span class="xs-chip xs-good">✔ done</span>'
    word = "stopped" if progress.study.event == "stopped" else "ended"
    return f'<span class="xs-chip xs-reject">■ {word}, {done:,} of {total:,} done</span>'


def measure_words(measure: str) -> str:
    """Return what a measure counts."""
    return "All questions whose answer is calls" if measure == CALLS else measure.replace("_", " ")


def score_words(shown: Estimate) -> str:
    """Write a score with its interval.

    >>> score_words(Estimate(0.5, 0.4, 0.6, 88))
    '50.0 % (40.0 to 60.0 %)'
    """
    if shown.value is None:
        return f"undefined: {shown.undefined_because}"
    if shown.low is None or shown.high is None:
        return f"{shown.value * 100:.1f} % (no interval)"
    return f"{shown.value * 100:.1f} % ({shown.low * 100:.1f} to {shown.high * 100:.1f} %)"


def gain_words(shown: Estimate | None) -> str:
    """Write what an arm gains on the first one, in points.

    >>> gain_words(Estimate(0.052, -0.01, 0.11, 88)), gain_words(None)
    ('+5.2 points (-1.0 to +11.0)', 'compared with')
    """
    if shown is None:
        return "compared with"
    if shown.value is None:
        return f"undefined: {shown.undefined_because}"
    if shown.low is None or shown.high is None:
        return f"{shown.value * 100:+.1f} points (no interval)"
    return f"{shown.value * 100:+.1f} points ({shown.low * 100:+.1f} to {shown.high * 100:+.1f})"
