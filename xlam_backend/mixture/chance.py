"""Chance for whole columns: a number for each row that depends on a seed and the row's content id alone.

The numbers are SplitMix64's, as in augment/draws.py: the same seed gives the same rows on every machine.
"""

from __future__ import annotations

import hashlib

import numpy as np

from xlam_backend.store.columns import Integers

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def numbers_of(seed: int, purpose: str, high: Integers, low: Integers) -> Integers:
    """Return a number for each content id (its two halves), drawn anew for every purpose."""
    digest = hashlib.blake2b(f"{seed}\n{purpose}".encode(), digest_size=8).digest()
    start = np.uint64(int.from_bytes(digest, "big"))
    return _mixed(_mixed(high.astype(np.uint64) ^ start) ^ low.astype(np.uint64))


def _mixed(numbers: Integers) -> Integers:
    with np.errstate(over="ignore"):  # SplitMix64 counts modulo 2**64
        state = numbers + _STEP
        state = (state ^ (state >> np.uint64(30))) * _FIRST
        state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))
