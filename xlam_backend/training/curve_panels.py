"""Which figures of a training run are drawn together, what they mean, and the lines that draw them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from xlam_backend.charts.training_curves import CurveLine, Look, StepMark
from xlam_backend.training.curves import Curves, Series, smooth, thin_out

_MOST_POINTS = 1_200
_MOST_MARKS = 8
_GIB = 2.0**30
_EVAL = "eval_"


class Figure(msgspec.Struct, frozen=True):
    """A figure of a panel: the trainer's name for it, ours, and what one of its units is divided by."""

    name: str
    label: str
    unit: float = 1.0


class Panel(msgspec.Struct, frozen=True):
    """Figures that are drawn together; `is_steady` ones need no running mean."""

    key: str
    title: str
    words: str
    figures: tuple[Figure, ...]
    is_share: bool = False
    is_steady: bool = False
    can_log: bool = False


class DrawnPanel(msgspec.Struct, frozen=True):
    """A panel with its lines."""

    panel: Panel
    lines: tuple[CurveLine, ...]
    marks: tuple[StepMark, ...] = ()


class CurvesOfRun(msgspec.Struct, frozen=True):
    """A run to draw: what it is called beside the others, and what it told."""

    label: str
    curves: Curves


# In the order a person looks at them.
PANELS: tuple[Panel, ...] = (
    Panel(
        "loss",
        "Loss",
        "How far the model is from what it is to write. The pale line is the loss of each step, the strong "
        "one its running mean; diamonds are the held-out rows.",
        (Figure("loss", "training"), Figure("eval_loss", "held-out rows")),
        can_log=True,
    ),
    Panel(
        "accuracies",
        "Reward accuracy",
        "How often the chosen side gets the higher reward than the rejected one; one half is chance.",
        (Figure("rewards/accuracies", "training"), Figure("eval_rewards/accuracies", "held-out rows")),
        is_share=True,
    ),
    Panel(
        "margins",
        "Reward margin",
        "How much higher the reward of the chosen side is than that of the rejected one.",
        (Figure("rewards/margins", "training"), Figure("eval_rewards/margins", "held-out rows")),
    ),
    Panel(
        "rewards",
        "Rewards",
        "How much likelier each side has become than it was for the model this began with. Where both fall, "
        "the model unlearns the chosen answers as well.",
        (Figure("rewards/chosen", "chosen"), Figure("rewards/rejected", "rejected")),
    ),
    Panel(
        "logps",
        "Log-probabilities",
        "How likely the model finds each side.",
        (Figure("logps/chosen", "chosen"), Figure("logps/rejected", "rejected")),
    ),
    Panel(
        "token_accuracy",
        "Token accuracy",
        "How often the likeliest next token is the one to be learnt.",
        (Figure("mean_token_accuracy", "training"), Figure("eval_mean_token_accuracy", "held-out rows")),
        is_share=True,
    ),
    Panel(
        "entropy",
        "Entropy",
        "How undecided the model is between next tokens, in nats.",
        (Figure("entropy", "training"), Figure("eval_entropy", "held-out rows")),
    ),
    Panel(
        "gradient",
        "Gradient norm",
        "How strongly a step pulls, before it is clipped. Peaks that do not come down again are a warning.",
        (Figure("grad_norm", "gradient norm"),),
        can_log=True,
    ),
    Panel(
        "rate",
        "Learning rate",
        "How far a step goes: it rises during the warm-up and falls by the schedule.",
        (Figure("learning_rate", "learning rate"),),
        is_steady=True,
    ),
    Panel(
        "speed",
        "Tokens per second",
        "Tokens that go through the model, padding left out.",
        (Figure("tokens_per_second", "tokens per second"),),
    ),
    Panel(
        "memory",
        "Memory",
        "Gibibytes in use: of the process, and of each device that it works on, at most so far.",
        (Figure("memory_bytes", "process", _GIB), Figure("device_memory_bytes", "device", _GIB)),
        is_steady=True,
    ),
    Panel(
        "load",
        "Device load",
        "The share of the time in which the device was at work.",
        (Figure("device_load", "load"),),
        is_share=True,
    ),
)

# Told, but not worth a panel: what stands elsewhere, or counts up.
_LEFT_OUT = frozenset(
    {"epoch", "step", "num_tokens", "total_flos", "train_loss", "train_runtime", "eval_runtime"}
    | {"eval_samples_per_second", "eval_steps_per_second", "eval_num_tokens", "seen_tokens"}
    | {"train_samples_per_second", "train_steps_per_second"}
)
_DRAWN = frozenset(figure.name for panel in PANELS for figure in panel.figures)


def draw_panels(
    runs: Sequence[CurvesOfRun], *, weight: float | None, most_points: int = _MOST_POINTS
) -> list[DrawnPanel]:
    """Return the panels that have something to show, with the lines of every run.

    `weight` is how much the past counts in a running mean; 0 draws the values alone, None takes one that
    fits the number of values.
    """
    return list(_drawn((*PANELS, *_others(runs)), runs, weight, most_points))


def _drawn(
    panels: Sequence[Panel], runs: Sequence[CurvesOfRun], weight: float | None, most_points: int
) -> Iterator[DrawnPanel]:
    marks = _attempt_marks(runs[0].curves) if len(runs) == 1 else ()
    for panel in panels:
        told = [figure for figure in panel.figures if any(figure.name in run.curves.series for run in runs)]
        lines = [
            line
            for at_run, run in enumerate(runs)
            for at, figure in enumerate(told)
            if figure.name in run.curves.series
            for line in _lines(
                panel,
                _in_units(run.curves.series[figure.name], figure.unit),
                _name(run, figure, is_alone=len(runs) == 1, is_only=len(told) == 1),
                colour=at if len(runs) == 1 else at_run,
                dash=0 if len(runs) == 1 else at,
                weight=weight,
                most_points=most_points,
            )
        ]
        if lines:
            yield DrawnPanel(panel, tuple(lines), marks)


def _name(run: CurvesOfRun, figure: Figure, *, is_alone: bool, is_only: bool) -> str:
    if is_alone:
        return figure.label
    return run.label if is_only else f"{run.label}, {figure.label}"


def _lines(
    panel: Panel, series: Series, name: str, *, colour: int, dash: int, weight: float | None, most_points: int
) -> Iterator[CurveLine]:
    is_measured = series.name.startswith(_EVAL)
    weight = fitting_weight(series.steps.size) if weight is None else weight
    has_mean = bool(weight) and not panel.is_steady and not is_measured and series.steps.size > 2
    if has_mean:
        yield _line(thin_out(series, most_points), name, colour, dash, "raw")
        yield _line(thin_out(smooth(series, weight), most_points), name, colour, dash, "line")
    else:
        yield _line(thin_out(series, most_points), name, colour, dash, "points" if is_measured else "line")


def fitting_weight(count: int) -> float:
    """Return a weight with which a running mean of so many values shows their course.

    >>> [fitting_weight(count) for count in (50, 2_000, 100_000)]
    [0.6, 0.975, 0.999]
    """
    return round(min(0.999, max(0.6, 1 - 50 / max(1, count))), 4)


def _line(series: Series, name: str, colour: int, dash: int, look: Look) -> CurveLine:
    return CurveLine(name, series.steps.tolist(), _rounded(series.values), colour, dash, look)


def _rounded(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float]:
    """Return the values as plotly takes them: no longer than a screen can show, nothing for no number."""
    return [float(f"{value:.6g}") for value in values.tolist()]


def _in_units(series: Series, unit: float) -> Series:
    return series if unit == 1.0 else Series(series.name, series.steps, series.values / unit)


def _attempt_marks(curves: Curves) -> tuple[StepMark, ...]:
    return tuple(StepMark(one.step, f"attempt {one.attempt}") for one in curves.attempts[1:][-_MOST_MARKS:])


def _others(runs: Sequence[CurvesOfRun]) -> list[Panel]:
    """Return a panel for each figure that is told and that nobody has named here."""
    told = dict.fromkeys(name for run in runs for name in run.curves.series)
    return [
        Panel(f"other_{name}", name.replace("_", " ").replace("/", " "), "", (Figure(name, name),))
        for name in told
        if name not in _DRAWN and name not in _LEFT_OUT
    ]
