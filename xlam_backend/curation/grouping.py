"""Sorts requests into categories: spherical k-means over their embeddings, names made of their words.

The same requests and seed give the same categories, whatever order the requests come in: what decides is
the text of a request alone, and how often it stands there does not count.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[Any]

LEARNT_FROM = 50_000  # different requests that the middles are learnt from; all are sorted
_ROUNDS = 50
_ROWS = 20_000  # compared at once
_NAME_WORDS = 3
_KEPT_WORDS = 12
_READ_CHARACTERS = 2_000

_WORD = re.compile(r"[^\W\d_]{3,}")
# Words that stand in requests of every kind.
_COMMON_WORDS = """
    about after all also and any are ask asked because been before being but can come could did does doing
    done each explain find for from get give given good had has have help her here him his how into its just
    know let like list made make many may more most much must need new not now off one only other our out over
    please provide same say see she should show some step such take tell than thanks that the their them then
    there these they thing this those through too two use used using very want was way well were what when
    where which while who why will with without work would write you your yours
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def text_order(texts: Sequence[str]) -> list[int]:
    """Return the places of different texts, each once, in an order that only the texts decide."""
    digests: dict[bytes, int] = {}
    for place, text in enumerate(texts):
        digests.setdefault(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest(), place)
    return [place for _, place in sorted(digests.items())]


def learn_middles(vectors: Vectors, count: int, *, seed: int) -> Vectors:
    """Return the middles of at most `count` groups of vectors (of length 1, in an order that stays).

    The first are drawn far apart (k-means++), then each round moves them to the middle of what is
    nearest; a group that lost everything starts again at the vector that fits worst.
    """
    rng = np.random.default_rng(seed)
    if len(vectors) > LEARNT_FROM:
        vectors = vectors[np.sort(rng.choice(len(vectors), LEARNT_FROM, replace=False))]
    middles = _spread_out(vectors, min(count, len(vectors)), rng)
    nearest = np.full(len(vectors), -1)
    for _ in range(_ROUNDS):
        places, similarity = assign(vectors, middles)
        if (places == nearest).all():
            break
        nearest = places
        middles = _moved(vectors, nearest, similarity, middles)
    return middles


def assign(vectors: Vectors, middles: Vectors) -> tuple[npt.NDArray[np.int64], Vectors]:
    """Return for each vector the middle it is nearest to, and its cosine to it."""
    places = np.empty(len(vectors), np.int64)
    similarity = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), _ROWS):
        cosines = vectors[start : start + _ROWS] @ middles.T
        best = cosines.argmax(axis=1)
        places[start : start + len(best)] = best
        similarity[start : start + len(best)] = cosines[np.arange(len(best)), best]
    return places, similarity


def count_words(texts: Iterable[str], places: Sequence[int], count: int) -> list[Counter[str]]:
    """Return for each group in how many of its texts each word stands."""
    counted: list[Counter[str]] = [Counter() for _ in range(count)]
    for text, place in zip(texts, places):
        counted[place].update(set(_WORD.findall(text[:_READ_CHARACTERS].casefold())) - _COMMON)
    return counted


def telling_words(counted: Sequence[Counter[str]]) -> list[tuple[str, ...]]:
    """Return the words of each group that are frequent there and rarer elsewhere, the most telling first.

    A word counts by how often it stands in the group, times the share of all its places that lie there.
    """
    total: Counter[str] = Counter()
    for words in counted:
        total.update(words)
    found = []
    for words in counted:
        scored = sorted(words, key=lambda word: (-words[word] * words[word] / total[word], word))
        found.append(tuple(scored[:_KEPT_WORDS]))
    return found


def name_of(words: Sequence[str], number: int) -> str:
    """Return a name made of a group's words.

    >>> name_of(("bread", "bake", "flour", "oven"), 3), name_of((), 3)
    ('bread, bake, flour', 'category 3')
    """
    return ", ".join(words[:_NAME_WORDS]) or f"category {number}"


def _spread_out(vectors: Vectors, count: int, rng: np.random.Generator) -> Vectors:
    chosen = [int(rng.integers(len(vectors)))]
    distance = np.clip(1 - vectors @ vectors[chosen[0]], 0, None)
    while len(chosen) < count:
        weight = float(distance.sum())
        if weight <= 1e-9:  # everything left says the same
            break
        place = int(np.searchsorted(np.cumsum(distance), rng.random() * weight))
        place = min(place, len(vectors) - 1)
        chosen.append(place)
        distance = np.minimum(distance, np.clip(1 - vectors @ vectors[place], 0, None))
    return np.array(vectors[chosen], np.float32)


def _moved(vectors: Vectors, nearest: Vectors, similarity: Vectors, middles: Vectors) -> Vectors:
    moved = np.zeros_like(middles, np.float64)
    np.add.at(moved, nearest, vectors)
    sizes = np.bincount(nearest, minlength=len(middles))
    worst = iter(np.argsort(similarity, kind="stable"))
    for empty in np.flatnonzero(sizes == 0):
        moved[empty] = vectors[next(worst)]
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    kept: Vectors = np.where(lengths > 0, moved / np.maximum(lengths, 1e-12), middles).astype(np.float32)
    return kept
