"""How a run is spoken of on every page: its state, how far it is, how long it takes."""

from __future__ import annotations

from pages.parts.counted import counted
from xlam_backend.runs.base import FailureClass, RunState
from xlam_backend.runs.state import RunStatus

# Look of the chip, and its words with a shape that tells states apart without colour.
STATES: dict[RunState, tuple[str, str]] = {
    "queued": ("xs-plain", "◷ waits for its turn"),
    "running": ("xs-warn", "▶ running"),
    "stopping": ("xs-warn", "■ stopping"),
    "succeeded": ("xs-good", "✔ done"),
    "failed": ("xs-reject", "✖ failed"),
    "stopped": ("xs-plain", "■ stopped"),
    "lost": ("xs-reject", "✖ lost"),
}

FAILURES: dict[FailureClass, str] = {
    "": "It ended early",
    "out of memory": "Out of memory",
    "data": "Something is wrong with its input",
    "disk": "The disk",
    "interrupted": "Interrupted",
    "service": "A service did not answer",
    "bug": "A mistake in the program",
}


def chip_html(status: RunStatus) -> str:
    """Return the chip that shows a run's state."""
    look, words = STATES[status.state]
    return f'<span class="xs-chip {look}">{words}</span>'


def progress_share(status: RunStatus) -> float:
    """Return how much of a run is done, 0..1."""
    return status.progress.share if status.progress else 0.0


def progress_words(status: RunStatus) -> str:
    """Say how far an open run is, and how long it will take; our own words and numbers only."""
    if not status.is_open and status.is_moving:
        return "Being taken into the store …"
    if status.state == "queued":
        return _waiting_words(status) if status.place else "Starting …"
    made = status.progress
    if made is None:
        return "Starting …"
    left = status.seconds_left
    time_left = "" if left is None or not status.is_open else f", about {duration_words(left)} left"
    count = made.words or (f"{made.done:,} of {made.total:,}" if made.total else f"{made.done:,}")
    return f"{count}{time_left}"


def _waiting_words(status: RunStatus) -> str:
    if status.waits_for:
        return f"Waits for {status.waits_for}: place {status.place:,} in the queue"
    return f"Waits for its turn: {_runs(status.place)} before it"


def device_words(status: RunStatus) -> str:
    """Say on which devices a run is, or was; nothing where it takes none."""
    return f"on {status.device_words}" if status.devices else ""


def duration_words(seconds: float) -> str:
    """Say how long something takes.

    >>> [duration_words(seconds) for seconds in (0.4, 42, 200, 7_500, 200_000)]
    ['0.4 s', '42 s', '3 min 20 s', '2 h 5 min', '2 d 7 h']
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def size_words(byte_count: int) -> str:
    """Say how large something is.

    >>> [size_words(count) for count in (0, 900, 12_345, 5_000_000)]
    ['0 B', '900 B', '12 kB', '4.8 MB']
    """
    if byte_count < 1024:
        return f"{byte_count} B"
    if byte_count < 1024**2:
        return f"{byte_count / 1024:.0f} kB"
    if byte_count < 1024**3:
        return f"{byte_count / 1024**2:.1f} MB"
    return f"{byte_count / 1024**3:.1f} GB"


def _runs(count: int) -> str:
    return counted(count, "run")
