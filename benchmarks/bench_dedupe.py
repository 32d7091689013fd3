"""How fast near-duplicates are found, whether a pair is missed, what memory it takes, how often it is right.

    python -m benchmarks.bench_dedupe [--small]

Speed: vectors with the spread that the packaged model gives queries; pairs and clusters of 60,000 of them
beside SemHash on the same vectors in the same run, in turns. Recall: pairs of some rows with all others
against brute force. Memory: what the search holds at 1,000,000 vectors (mapped from a file) beyond what it
holds at 100,000, after some blocks. Quality: labelled pairs built from public data (see labelled_pairs.py),
left out where the data are not there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from semhash import SemHash

from benchmarks.figures import Figure, exit_status, show
from benchmarks.generate_60k import make_rows
from benchmarks.labelled_pairs import LabelledPair, make_pairs, read_samples
from xlam_backend.dedupe.compared_row import meaning_of_calls
from xlam_backend.dedupe.forest import connected_parts, spanning_forest
from xlam_backend.dedupe.similar_pairs import find_similar_pairs
from xlam_backend.domain.near_duplicate import SearchSettings, class_of
from xlam_backend.embeddings.embedder import SentenceEmbedder
from xlam_backend.embeddings.model import find_model

SEED = 11
THRESHOLD = 0.9
DIMENSION = 384
MOST_SAMPLES = 1_000
SHARED = Path(os.environ.get("XLAM_SHARED_DIR") or Path(__file__).resolve().parents[2] / "shared" / "data")


def main() -> int:
    """Measure, print the table, return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true", help="a tenth of everything, for trying out")
    parser.add_argument("--held", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.held:
        with tempfile.TemporaryDirectory() as folder:
            print(held(given.held, Path(folder)))
        return 0
    scale = 10 if given.small else 1
    embedder = SentenceEmbedder(find_model())
    vectors = like_queries(embedder, 60_000 // scale)
    figures = [*speed(vectors, rounds=2), *recall(vectors, 3_000 // scale)]
    figures += memory(100_000 // scale, 1_000_000 // scale)
    figures += quality(embedder)
    print(show(figures))
    return exit_status(figures)


def like_queries(embedder: SentenceEmbedder, count: int) -> np.ndarray:
    """Return vectors that spread like embedded queries; about a fifth lie close to another one."""
    queries = [json.loads(row)["query"] for row in make_rows(600, SEED)]
    real = np.concatenate([embedder.embed(queries)]).astype(np.float64)
    middle = real.mean(axis=0)
    _, scale, axes = np.linalg.svd(real - middle, full_matrices=False)
    scale = np.append(scale, np.full(max(0, DIMENSION - len(scale)), scale[-1]))[:DIMENSION] / np.sqrt(
        len(real)
    )
    draw = np.random.default_rng(SEED)
    vectors = middle + (draw.normal(size=(count, len(axes))) * scale[: len(axes)]) @ axes
    near = draw.choice(count, count // 5, replace=False)
    vectors[near] = vectors[draw.integers(0, count, len(near))] + 0.25 * (
        (draw.normal(size=(len(near), len(axes))) * scale[: len(axes)]) @ axes
    )
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def find_clusters(vectors: np.ndarray) -> int:
    """Return how many rows go: the whole way from vectors to clusters."""
    blocks = list(find_similar_pairs(vectors, THRESHOLD))
    left, right, similarity = (
        np.concatenate([getattr(block, name) for block in blocks]) for name in ("left", "right", "similarity")
    )
    order = np.lexsort((right, left, -similarity))
    kept = order[spanning_forest(len(vectors), left[order], right[order])]
    parts = connected_parts(len(vectors), left[kept], right[kept])
    return len(vectors) - len(np.unique(parts))


def speed(vectors: np.ndarray, rounds: int) -> list[Figure]:
    """Return the time beside SemHash's, the best of several turns each."""
    records = [f"record {number}" for number in range(len(vectors))]
    ours, theirs = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        gone = find_clusters(vectors)
        ours.append(time.perf_counter() - start)
        start = time.perf_counter()
        made = SemHash.from_embeddings(vectors, records, model=None).self_deduplicate(threshold=THRESHOLD)
        theirs.append(time.perf_counter() - start)
    print(f"rows that go: {gone:,} here, {len(made.filtered):,} by SemHash")
    return [
        Figure(f"pairs and clusters of {len(vectors):,}, seconds", None, min(ours), "s"),
        Figure("SemHash on the same vectors, seconds", None, min(theirs), "s"),
        Figure("time beside SemHash's", 1, min(ours) / min(theirs)),
    ]


def recall(vectors: np.ndarray, rows: int) -> list[Figure]:
    """Return the share of pairs that are missed, against brute force on some rows."""
    draw = np.random.default_rng(SEED)
    chosen = np.sort(draw.choice(len(vectors), rows, replace=False))
    true: set[tuple[int, int]] = set()
    for start in range(0, rows, 500):
        part = chosen[start : start + 500]
        products = vectors[part].astype(np.float64) @ vectors.T.astype(np.float64)
        for left, right in zip(*np.nonzero(products >= THRESHOLD), strict=True):
            if part[left] != right:
                true.add((min(int(part[left]), int(right)), max(int(part[left]), int(right))))
    found = {
        pair
        for block in find_similar_pairs(vectors, THRESHOLD)
        for pair in zip(block.left.tolist(), block.right.tolist(), strict=True)
    }
    print(f"recall against brute force: {len(true & found):,} of {len(true):,} pairs of {rows:,} rows")
    return [Figure("share of pairs that are missed", 0.01, 1 - len(true & found) / max(len(true), 1))]


def memory(few: int, many: int) -> list[Figure]:
    """Return what a search holds in memory at many vectors, over what it holds at few."""
    held = [_held_in_new_process(count) for count in (few, many)]
    return [
        Figure(f"held while comparing {few:,} vectors, MB", None, held[0], "MB"),
        Figure(f"more at {many:,} vectors of {DIMENSION}, MB", 64, max(held[1] - held[0], 0), "MB"),
    ]


def _held_in_new_process(count: int) -> float:
    """Measure in a process of its own: what others freed here would hide what is held."""
    command = [sys.executable, "-m", "benchmarks.bench_dedupe", "--held", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 our own module
    return float(done.stdout)


def held(count: int, folder: Path) -> float:
    """Return the most memory of its own that the process held beyond what it began with, in MB."""
    mapped = np.memmap(folder / f"{count}", np.float32, "w+", shape=(count, DIMENSION))
    draw = np.random.default_rng(SEED)
    scale = (1 / np.arange(1, DIMENSION + 1) ** 0.5).astype(np.float32)
    for start in range(0, count, 10_000):
        part = draw.normal(size=(min(10_000, count - start), DIMENSION)).astype(np.float32) * scale
        mapped[start : start + len(part)] = part / np.linalg.norm(part, axis=1, keepdims=True)
    before = most = _own_memory()
    for at, _ in enumerate(find_similar_pairs(mapped, THRESHOLD, folder=folder)):
        most = max(most, _own_memory())
        if at > 60:
            break
    return most - before


def _own_memory() -> float:
    """Return the process's own memory in MB, without what is mapped from files."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
    raise SystemExit("This system does not say how much memory a process holds.")


def quality(embedder: SentenceEmbedder) -> list[Figure]:
    """Return F1 of duplicates on labelled pairs: cosine alone at its best threshold, and the classes."""
    if not (SHARED / "raw").is_dir():
        print(f"left out: labelled pairs; no public data at {SHARED} (set XLAM_SHARED_DIR)")
        return []
    samples = read_samples(SHARED)
    samples = samples[:: max(1, len(samples) // MOST_SAMPLES)]
    pairs = make_pairs(samples, embedder.embed([sample.query for sample in samples]), SEED)
    truth = np.array([pair.is_duplicate for pair in pairs])
    left = embedder.embed([pair.left.query for pair in pairs])
    right = embedder.embed([pair.right.query for pair in pairs])
    cosine = np.einsum("ij,ij->i", left, right)
    alone = max(f1(truth, cosine >= threshold) for threshold in np.unique(cosine))
    ours = f1(
        truth, np.array([is_duplicate(pair, float(at)) for pair, at in zip(pairs, cosine, strict=True)])
    )
    counts = {kind: sum(pair.kind == kind for pair in pairs) for kind in dict.fromkeys(p.kind for p in pairs)}
    print(f"labelled pairs: {counts}")
    return [
        Figure("F1 of duplicates, cosine alone at its best threshold", None, alone),
        Figure("F1 of duplicates, calls and values compared too", None, ours),
        Figure("cosine's F1 plus 0.1, less ours", 0, alone + 0.1 - ours),
    ]


def is_duplicate(pair: LabelledPair, similarity: float) -> bool:
    """Tell what the product says of a pair, at its own threshold."""
    left, right = (meaning_of_calls(side.calls, (), side.query) for side in (pair.left, pair.right))
    if left.calls == right.calls:
        agreement = "same calls"
    else:
        agreement = "same tools" if left.tools == right.tools else "other tools"
    return class_of(agreement, similarity, SearchSettings().threshold) == "duplicate"


def f1(truth: np.ndarray, said: np.ndarray) -> float:
    """Return the harmonic mean of precision and recall."""
    hits = np.count_nonzero(truth & said)
    return 2 * hits / max(np.count_nonzero(truth) + np.count_nonzero(said), 1)


if __name__ == "__main__":
    sys.exit(main())
