"""How fast training requests are held against evaluation sets by n-grams, and whether memory stays flat.

    python -m benchmarks.bench_contamination [--rows 1000000] [--small]

Made-up requests, one in a hundred with a request of the evaluation set inside, pass by in shards as in a run.
Every planted one must be found. Memory is what the process holds at its most after the first tenth and at
the end: it may not grow with the rows. How long the machine takes to split the same texts by a plain
regular expression is printed beside it: a busy machine is as busy for both.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import sys
import time
from collections.abc import Iterator

from benchmarks.figures import Figure, exit_status, show
from xlam_backend.dedupe.contamination import EvaluationIndex, words_of_turns

SEED = 5
ITEMS = 5_000
SHARD = 5_000
WORDS = 20
PLANTED_EVERY = 100
# How much slower than splitting the texts alone the whole search may be, and how much memory may grow.
MOST_TIMES = 12.0
MOST_GROWTH = 1.15
_PLAIN_WORD = re.compile(r"\w+")


def make_items(rng: random.Random) -> list[str]:
    """Return requests of an evaluation set, of words that training requests use too."""
    return [make_request(rng) for _ in range(ITEMS)]


def make_request(rng: random.Random) -> str:
    """Return a request of words drawn by chance, frequent ones more often."""
    return " ".join(f"w{int(rng.paretovariate(0.6)) % 20_000}" for _ in range(rng.randint(8, 2 * WORDS)))


def make_shards(rows: int, items: list[str], rng: random.Random) -> Iterator[list[str]]:
    """Yield shards of training requests, one in a hundred with an item of the evaluation set inside."""
    for start in range(0, rows, SHARD):
        shard = [make_request(rng) for _ in range(min(SHARD, rows - start))]
        for at in range(0, len(shard), PLANTED_EVERY):
            shard[at] = f"please do this: {rng.choice(items).upper()}. thank you"
        yield shard


def most_memory() -> int:
    """Return the most this process has held so far, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measure(rows: int) -> list[Figure]:
    """Search made-up rows and return the figures."""
    rng = random.Random(SEED)
    items = make_items(rng)
    index = EvaluationIndex([[item] for item in items], gram_words=8)
    searched = plain = 0.0
    planted = found = done = early = 0
    for shard in make_shards(rows, items, rng):
        started = time.perf_counter()
        matches = index.find([words_of_turns([text]) for text in shard], least_share=0.5)
        searched += time.perf_counter() - started
        started = time.perf_counter()
        for text in shard:
            _PLAIN_WORD.findall(text)
        plain += time.perf_counter() - started
        places = {match.row for match in matches}
        planted += -(-len(shard) // PLANTED_EVERY)
        found += sum(at in places for at in range(0, len(shard), PLANTED_EVERY))
        done += len(shard)
        if not early and done >= rows / 10:
            early = most_memory()
    return [
        Figure("planted requests not found", 0, planted - found),
        Figure("search, times as long as splitting into words", MOST_TIMES, searched / plain, "x"),
        Figure("most memory at the end, times that after a tenth", MOST_GROWTH, most_memory() / early, "x"),
        Figure("rows searched", None, rows),
        Figure("rows per second", None, rows / searched),
        Figure("most memory", None, most_memory() / 1024, "MiB"),
    ]


def main() -> int:
    """Print the figures; 1 when one is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--small", action="store_true", help="20,000 rows")
    chosen = parser.parse_args()
    figures = measure(20_000 if chosen.small else chosen.rows)
    print(show(figures))
    return exit_status(figures)


if __name__ == "__main__":
    sys.exit(main())
