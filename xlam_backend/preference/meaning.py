"""Finds pairs whose sides mean the same though they are written differently: nothing is to be preferred."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from xlam_backend.domain.pair import Pair
from xlam_backend.domain.same_meaning import mean_the_same
from xlam_backend.domain.tool_schema import ToolSchema, schemas_by_name
from xlam_backend.store.connection import Store
from xlam_backend.store.pairs import read_pairs
from xlam_backend.store.preference import PairFacts
from xlam_backend.store.trajectories import read_trajectories

_CHUNK = 1_000

# A pair never changes, so it is looked at once. Numbers may be given anew once records have left the store.
_KNOWN: WeakKeyDictionary[Store, tuple[int, dict[int, bool]]] = WeakKeyDictionary()
_LOCK = threading.Lock()


def find_equal(store: Store, facts: Iterable[PairFacts]) -> set[int]:
    """Return the numbers of the pairs whose sides mean the same and that no rule tells apart.

    What a rule has against the rejected side is a difference that counts: a number written as a text
    means the same, and is wrong where the tool wants a number. Planted errors were looked at before.
    """
    open_nos = [each.pair_no for each in facts if each.origin == "generated" and not each.shown_by]
    with _LOCK:
        removal_count, known = _KNOWN.get(store, (store.removal_count, {}))
        if removal_count != store.removal_count:
            known = {}
        missing = [number for number in open_nos if number not in known]
        for start in range(0, len(missing), _CHUNK):
            known.update(_look(store, missing[start : start + _CHUNK]))
        _KNOWN[store] = (store.removal_count, known)
        return {number for number in open_nos if known[number]}


def _look(store: Store, numbers: list[int]) -> dict[int, bool]:
    pairs = read_pairs(store, numbers)
    version_nos = sorted({pair.version_no for pair in pairs})
    versions = dict(zip(version_nos, read_trajectories(store, version_nos), strict=True))
    return {
        pair.pair_no: _means_the_same(pair, schemas_by_name(versions[pair.version_no].trajectory.tools))
        for pair in pairs
    }


def _means_the_same(pair: Pair, schemas: dict[str, ToolSchema]) -> bool:
    return mean_the_same(pair.chosen.tool_calls, pair.rejected.tool_calls, schemas)
