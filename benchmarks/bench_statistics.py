"""Whether statistics equal values worked out by hand, and what 100,000 verdicts cost beside reading them.

    python -m benchmarks.bench_statistics [--small]

The examples and their arithmetic stand in benchmarks/published_statistics.py.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks import published_statistics as published
from benchmarks.reviewed_store import NOW, write_large_store
from xlam_backend.review.agreement import read_agreement
from xlam_backend.review.calibration import read_calibration, read_calibration_detail
from xlam_backend.statistics.cohen import cohen_kappa, quick_kappa
from xlam_backend.statistics.estimate import Estimate
from xlam_backend.statistics.fleiss import fleiss_kappa
from xlam_backend.statistics.krippendorff import krippendorff_alpha
from xlam_backend.statistics.length_bias import length_bias
from xlam_backend.statistics.mcnemar import mcnemar
from xlam_backend.statistics.precision_recall import precision_recall
from xlam_backend.store.connection import Store
from xlam_backend.store.review_answers import read_answers
from xlam_backend.store.review_labels import read_item_answers

EXACT = 1e-9
TIMES_READING = 8  # a page may cost so many times what reading its rows from the store costs


class Compared(NamedTuple):
    """A statistic beside the value worked out by hand."""

    name: str
    found: float | None
    by_hand: float

    @property
    def deviation(self) -> float:
        """How far apart they are."""
        return float("inf") if self.found is None else abs(self.found - self.by_hand)


class Timed(NamedTuple):
    """Seconds of one question, and of reading the rows it is answered from."""

    name: str
    seconds: float
    reading: float

    @property
    def times(self) -> float:
        """How many times the reading it costs."""
        return self.seconds / self.reading


def compare() -> Iterator[Compared]:
    """Yield every statistic that has an example worked out by hand."""
    items, domain = published.krippendorff_items(), published.KRIPPENDORFF_DOMAIN
    yield _of(
        "Krippendorff's alpha, nominal", krippendorff_alpha(items, domain, seed=1), published.ALPHA_NOMINAL
    )
    yield _of(
        "Krippendorff's alpha, ordinal",
        krippendorff_alpha(items, domain, measure="ordinal", seed=1),
        published.ALPHA_ORDINAL,
    )
    yield _of(
        "Krippendorff's alpha, interval",
        krippendorff_alpha(items, domain, measure="interval", seed=1),
        published.ALPHA_INTERVAL,
    )
    fleiss = fleiss_kappa(published.fleiss_items(), range(5), seed=1).kappa
    yield _of("Fleiss' kappa", fleiss, published.FLEISS_KAPPA)
    pairs = published.pairs_of(published.COHEN_TABLE)
    yield _of("Cohen's kappa", cohen_kappa(pairs, range(2), seed=1), published.COHEN_KAPPA)
    ordered = published.pairs_of(published.WEIGHTED_TABLE)
    yield _of(
        "Cohen's kappa, linear", quick_kappa(ordered, range(3), weights="linear"), published.KAPPA_LINEAR
    )
    yield _of(
        "Cohen's kappa, quadratic",
        quick_kappa(ordered, range(3), weights="quadratic"),
        published.KAPPA_QUADRATIC,
    )
    yield from _compare_calibration()


def _compare_calibration() -> Iterator[Compared]:
    found = precision_recall(published.weighted_items(), seed=1)
    yield _of("weighted precision", found.weighted_precision, published.WEIGHTED_PRECISION)
    yield _of("weighted recall", found.recall, published.WEIGHTED_RECALL)
    yield _of("weighted F1", found.f1, published.WEIGHTED_F1)
    yield _of("weighted kappa of a flag", found.kappa, published.WEIGHTED_KAPPA)
    first, second = published.MCNEMAR_SPLIT
    test = mcnemar([(True, False)] * first + [(False, True)] * second)
    yield Compared("McNemar, exact", test.exact_p, published.MCNEMAR_EXACT)
    yield Compared("McNemar, mid-p", test.mid_p, published.MCNEMAR_MID)
    bias = length_bias(published.SPEARMAN_LENGTHS, published.SPEARMAN_ERRORS)
    yield _of("Spearman's rank correlation", bias.correlation, published.SPEARMAN)


def _of(name: str, found: Estimate, by_hand: float) -> Compared:
    return Compared(name, found.value, by_hand)


def measure(verdict_count: int, rounds: int) -> list[Timed]:
    """Time what the two pages ask of a store with so many verdicts; the best of the rounds counts."""
    with tempfile.TemporaryDirectory(prefix="xlam-bench-") as folder:
        store = Store.open(Path(folder), now=NOW)
        write_large_store(store, verdict_count)
        voice = read_calibration(store)[0].voice
        questions: tuple[tuple[str, Callable[[], object], Callable[[], object]], ...] = (
            ("agreement", lambda: read_agreement(store), lambda: read_answers(store)),
            ("calibration of all", lambda: read_calibration(store), lambda: read_item_answers(store)),
            (
                "calibration of one",
                lambda: read_calibration_detail(store, voice),
                lambda: read_item_answers(store),
            ),
        )
        timed = [_time(name, ask, read, rounds) for name, ask, read in questions]
        store.close()
    return timed


def _time(name: str, ask: Callable[[], object], read: Callable[[], object], rounds: int) -> Timed:
    """Let both take turns, so that a busy machine is as busy for one as for the other."""
    times = [(_seconds(ask), _seconds(read)) for _ in range(rounds)]
    return Timed(name, min(asked for asked, _ in times), min(reading for _, reading in times))


def _seconds(ask: Callable[[], object]) -> float:
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def main() -> int:
    """Compare, measure, print; 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="10,000 verdicts, one round")
    is_small = parser.parse_args().small
    compared = list(compare())
    print(f"{'statistic':<36}{'found':>20}{'by hand':>20}{'deviation':>12}")
    for each in compared:
        print(f"{each.name:<36}{each.found:>20.15f}{each.by_hand:>20.15f}{each.deviation:>12.1e}")
    worst = max(each.deviation for each in compared)
    is_met = worst <= EXACT
    print(f"\nlargest deviation: asked {EXACT:.0e}, reached {worst:.1e}: {'met' if is_met else 'MISSED'}\n")
    count = 10_000 if is_small else 100_000
    print(f"{f'{count:,} verdicts, two on each item':<36}{'seconds':>10}{'x reading':>12}{'asked':>8}")
    for timed in measure(count, 2 if is_small else 5):
        is_fast = timed.times <= TIMES_READING
        is_met = is_met and is_fast
        words = "met" if is_fast else "MISSED"
        print(f"{timed.name:<36}{timed.seconds:>10.2f}{timed.times:>12.1f}{TIMES_READING:>8}   {words}")
    return 0 if is_met else 1


if __name__ == "__main__":
    raise SystemExit(main())
