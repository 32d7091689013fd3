"""Finds training texts that share stretches of words with evaluation texts: exact, in flat memory.

Texts are compared by their words: compatibility forms are unified (NFKC), case and everything that is
neither letter nor digit is left out, and each sign of Chinese, Japanese or Korean is a word. The n-grams
of an evaluation set stand in one sorted array of 64-bit hashes; training texts pass by in chunks, so
memory depends on the evaluation sets alone. What a hash finds is compared word by word before it counts.

The share of an evaluation text is how many of its words stand in n-grams that both texts have, as in the
contamination analysis of Llama 3 (arXiv 2407.21783, section 5.1.4). An n-gram that many different texts of
an evaluation set have is its template and no evidence: it is left out. A turn shorter than n words is in no
n-gram; a text that is made of such turns only matches when it is the same word for word.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec
import numpy as np

from xlam_backend.store.columns import Integers

# Different texts of an evaluation set that may share an n-gram before it counts as their template.
MOST_SHARING = 50
LONGEST_SHARED = 300

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]|[^\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_PLAIN_WORD = re.compile(r"[^\W_]+")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

Words = tuple[str, ...]
Turns = Sequence[str]  # what a user said in one trajectory, turn by turn


class Overlap(msgspec.Struct, frozen=True):
    """A training text (by its place in the chunk) and the evaluation text it shares most with."""

    row: int
    item: int
    score: float
    shared: str


def words_of(text: str) -> list[str]:
    """Return the words a text is compared by.

    >>> words_of("What's the Ｗeather in 東京, 2024-05?")
    ['what', 's', 'the', 'weather', 'in', '東', '京', '2024', '05']
    """
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    unified = unicodedata.normalize("NFKC", text).casefold()
    return (_WORD if _CJK.search(unified) else _PLAIN_WORD).findall(unified)


class EvaluationIndex:
    """The texts of one evaluation set, ready to be looked up by n-grams and as a whole."""

    def __init__(self, items: Iterable[Turns], *, gram_words: int) -> None:
        self._n = gram_words
        self._vocabulary: dict[str, int] = {}
        self._whole: dict[Words, int] = {}
        self._words: list[list[Words]] = []  # of each item, turn by turn
        self._same: list[int] = []  # the first item with the same words
        self.empty_count = 0
        for item, turns in enumerate(items):
            self._add(item, [tuple(words_of(turn)) for turn in turns])
        self._index()

    def _add(self, item: int, turns: list[Words]) -> None:
        self._words.append(turns)
        whole = tuple(word for turn in turns for word in turn)
        if not whole:
            self.empty_count += 1
            self._same.append(-1)
            return
        first = self._whole.setdefault(whole, item)
        self._same.append(first)
        if first == item:
            for word in whole:
                self._vocabulary.setdefault(word, len(self._vocabulary) + 1)

    def _index(self) -> None:
        """Lay out the n-grams of all distinct items, sorted by hash, and how many words each item has."""
        rng = np.random.default_rng(0)
        self._code = rng.integers(1, 2**63, len(self._vocabulary) + 1, dtype=np.uint64)
        ids: list[int] = []
        owners: list[int] = []
        places: list[int] = []
        counts = np.zeros(len(self._words), np.int64)
        for item, turns in enumerate(self._words):
            if self._same[item] != item:
                continue
            place = 0
            for turn in turns:
                if len(turn) >= self._n:
                    ids += [self._vocabulary[word] for word in turn]
                    owners += [item] * len(turn)
                    places += range(place, place + len(turn))
                    place += len(turn)
                ids.append(0)
                owners.append(item)
                places.append(-1)
            counts[item] = place
        self._ids = np.array(ids, np.int64)
        self._word_counts = counts
        starts, hashes = self._grams(self._ids)
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._starts = hashes[order], starts[order]
        self._owners = np.array(owners, np.int64)[self._starts]
        self._places = np.array(places, np.int64)[self._starts]
        self._leave_out_templates()

    def _leave_out_templates(self) -> None:
        if not len(self._hashes):
            return
        firsts = np.flatnonzero(np.r_[True, self._hashes[1:] != self._hashes[:-1]])
        sizes = np.diff(np.r_[firsts, len(self._hashes)])
        kept = np.repeat(sizes <= MOST_SHARING, sizes)
        for name in ("_hashes", "_starts", "_owners", "_places"):
            setattr(self, name, getattr(self, name)[kept])

    def _grams(self, ids: Integers) -> tuple[Integers, Integers]:
        """Return where n words in a row begin that are all known (no 0 among them), and their hashes."""
        n = self._n
        if len(ids) < n:
            return np.zeros(0, np.int64), np.zeros(0, np.uint64)
        unknown = np.r_[0, np.cumsum(ids == 0)]
        starts = np.flatnonzero(unknown[n:] == unknown[:-n])
        hashes = np.zeros(len(starts), np.uint64)
        codes = self._code[ids]
        for offset in range(n):
            hashes = hashes * _MULTIPLIER + codes[starts + offset]
        return starts, hashes

    def find(self, rows: Sequence[Sequence[Words]], *, least_share: float) -> list[Overlap]:
        """Return for each row of a chunk, given as words of its turns, the item it shares most with."""
        best: dict[int, Overlap] = {}
        for overlap in self._by_grams(rows, least_share):
            known = best.get(overlap.row)
            if known is None or (-overlap.score, overlap.item) < (-known.score, known.item):
                best[overlap.row] = overlap
        for row, turns in enumerate(rows):
            whole = tuple(word for turn in turns for word in turn) if len(turns) != 1 else turns[0]
            item = self._whole.get(whole)
            if item is not None:
                best[row] = Overlap(row, item, 1.0, " ".join(whole)[:LONGEST_SHARED])
        return [best[row] for row in sorted(best)]

    def _by_grams(self, rows: Sequence[Sequence[Words]], least_share: float) -> Iterable[Overlap]:
        ids, owner = self._numbered(rows)
        starts, hashes = self._grams(ids)
        low = np.searchsorted(self._hashes, hashes, "left")
        counts = np.searchsorted(self._hashes, hashes, "right") - low
        hit = np.flatnonzero(counts)
        if not len(hit):
            return
        counts = counts[hit]
        entry = np.repeat(low[hit], counts) + _count_up(counts)
        at = np.repeat(starts[hit], counts)
        equal = np.ones(len(entry), bool)
        for offset in range(self._n):
            equal &= ids[at + offset] == self._ids[self._starts[entry] + offset]
        entry, at = entry[equal], at[equal]
        yield from self._scored(owner[at], self._owners[entry], self._places[entry], least_share)

    def _numbered(self, rows: Sequence[Sequence[Words]]) -> tuple[Integers, Integers]:
        """Return the words of a chunk as numbers (0: no item has it, or a turn ends), and their rows."""
        number = self._vocabulary.get
        ids: list[int] = []
        lengths = []
        for turns in rows:
            before = len(ids)
            for turn in turns:
                ids += [number(word, 0) for word in turn]
                ids.append(0)
            lengths.append(len(ids) - before)
        return np.array(ids, np.int64), np.repeat(np.arange(len(rows)), lengths)

    def _scored(
        self, rows: Integers, items: Integers, places: Integers, least_share: float
    ) -> Iterable[Overlap]:
        """Yield the pairs whose n-grams cover enough of the item's words."""
        found = np.unique(np.stack([rows, items, places], axis=1), axis=0)
        if not len(found):
            return
        new_pair = np.r_[True, (found[1:, :2] != found[:-1, :2]).any(axis=1)]
        step = np.r_[np.diff(found[:, 2]), self._n]
        step[np.r_[new_pair[1:], True]] = self._n  # the last n-gram of a pair covers all of its words
        pair_starts = np.flatnonzero(new_pair)
        covered = np.add.reduceat(np.minimum(step, self._n), pair_starts)
        shares = covered / self._word_counts[found[pair_starts, 1]]
        ends = np.r_[pair_starts[1:], len(found)]
        for pair in np.flatnonzero(shares >= least_share):
            first = pair_starts[pair]
            item = int(found[first, 1])
            shared = self._longest_stretch(item, found[first : ends[pair], 2].tolist())
            yield Overlap(int(found[first, 0]), item, float(shares[pair]), shared)

    def _longest_stretch(self, item: int, places: list[int]) -> str:
        """Return the longest stretch of words that n-grams at these places (ascending) make together."""
        words = [word for turn in self._words[item] if len(turn) >= self._n for word in turn]
        start = best_start = places[0]
        best_end = places[0]
        for before, place in pairwise(places):
            start = start if place == before + 1 else place
            if place - start > best_end - best_start:
                best_start, best_end = start, place
        return " ".join(words[best_start : best_end + self._n])[:LONGEST_SHARED]


def words_of_turns(turns: Turns) -> list[Words]:
    """Return the words of each turn."""
    return [tuple(words_of(turn)) for turn in turns]


def count_overlaps(overlaps: Iterable[Overlap]) -> Counter[int]:
    """Return how many training texts match each item."""
    return Counter(overlap.item for overlap in overlaps)


def _count_up(counts: Integers) -> Integers:
    """Return 0 .. n-1 for each of these counts, one behind the other."""
    total = int(counts.sum())
    counted: Integers = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    return counted
