"""Finds pairs whose sides mean the same though they are written differently: nothing is to be preferred."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from weakref import WeakKeyDictionary

from xlam_backend.domain.same_meaning import mean_the_same
from xlam_backend.domain.tool_schema import ToolSchema, schemas_by_name
from xlam_backend.store.connection import Store
from xlam_backend.store.pairs import read_pairs
from xlam_backend.store.preference import PairFacts
from xlam_backend.store.trajectories import read_trajectories

_CHUNK = 5_000

# What else is wrong with a rejected side can be no matter of writing. Reasons name the gravest difference,
# so that a wrong value means that no argument is missing or extra, and defaults play no part.
_BY_VALUE = frozenset({"wrong value"})
_BY_DEFAULT = frozenset({"missing argument", "extra argument", "other", ""})

# A pair never changes, so it is looked at once. Numbers may be given anew once records have left the store.
_KNOWN: WeakKeyDictionary[Store, tuple[int, dict[int, bool]]] = WeakKeyDictionary()
_LOCK = threading.Lock()


def find_equal(store: Store, facts: Iterable[PairFacts]) -> set[int]:
    """Return the numbers of the pairs whose sides mean the same and that no rule tells apart.

    What a rule has against the rejected side is a difference that counts: a number written as a text
    means the same, and is wrong where the tool wants a number. Planted errors were looked at before.
    """
    asked = {each.pair_no: each.reason in _BY_DEFAULT for each in facts if _could_mean_the_same(each)}
    with _LOCK:
        removal_count, known = _KNOWN.get(store, (store.removal_count, {}))
        if removal_count != store.removal_count:
            known = {}
        missing = [number for number in asked if number not in known]
        for start in range(0, len(missing), _CHUNK):
            known.update(_look(store, missing[start : start + _CHUNK], asked))
        _KNOWN[store] = (store.removal_count, known)
        return {number for number in asked if known[number]}


def _could_mean_the_same(facts: PairFacts) -> bool:
    is_open = facts.origin == "generated" and not facts.shown_by
    return is_open and (facts.reason in _BY_VALUE or facts.reason in _BY_DEFAULT)


def _look(store: Store, numbers: list[int], asked: Mapping[int, bool]) -> dict[int, bool]:
    """Look at pairs; the tools of a step are read only where their defaults may matter."""
    pairs = read_pairs(store, numbers)
    version_nos = sorted({pair.version_no for pair in pairs if asked[pair.pair_no]})
    schemas: dict[int, dict[str, ToolSchema]] = {}
    for start in range(0, len(version_nos), _CHUNK):
        for stored in read_trajectories(store, version_nos[start : start + _CHUNK]):
            schemas[stored.version_no] = schemas_by_name(stored.trajectory.tools)
    return {
        pair.pair_no: mean_the_same(
            pair.chosen.tool_calls, pair.rejected.tool_calls, schemas.get(pair.version_no, {})
        )
        for pair in pairs
    }
