"""Finds names that are near another: the same but for case and separators, or a few letters off."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_SEPARATORS = re.compile(r"[\W_]+")


@lru_cache(maxsize=65536)
def bare_name(name: str) -> str:
    """Return a name without case and separators.

    >>> bare_name("Get-Weather.v2") == bare_name("get_weather_v2")
    True
    """
    return _SEPARATORS.sub("", name).casefold()


def names_written_like(name: str, names: Iterable[str]) -> list[str]:
    """Return the names that differ from one only in case and separators."""
    bare = bare_name(name)
    return [other for other in names if bare and other != name and bare_name(other) == bare]


def near_names(name: str, names: Iterable[str]) -> list[str]:
    """Return the names within a few letters of one, nearest first.

    >>> near_names("get_wether", ["get_weather", "send_mail"])
    ['get_weather']
    """
    bare = bare_name(name)
    scored = []
    for other in names:
        distance = edit_distance(bare, bare_name(other), allowed_distance(bare, bare_name(other)))
        if distance is not None:
            scored.append((distance, other))
    return [other for _, other in sorted(scored)]


def nearest_names(name: str, names: Iterable[str]) -> list[str]:
    """Return the names somebody may have meant: those written alike first, then those a few letters off.

    >>> nearest_names("get_wether", ["get_weather", "Get-Wether", "send_mail"])
    ['Get-Wether', 'get_weather']
    """
    known = list(names)
    return list(dict.fromkeys([*names_written_like(name, known), *near_names(name, known)]))


def allowed_distance(one: str, other: str) -> int:
    """Return how many letters may differ: none in short names, where one letter makes another word."""
    longest = max(len(one), len(other))
    return 0 if longest < 4 else 1 if longest < 8 else 2


def is_one_letter_off(one: str, other: str) -> bool:
    """Tell whether two names are equal but for one letter more, less or other, or two letters swapped.

    >>> is_one_letter_off("weather", "wether"), is_one_letter_off("teh", "the"), is_one_letter_off("ab", "cd")
    (True, True, False)
    """
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = 0
    while at < len(one) and one[at] == other[at]:
        at += 1
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    if one[at + 1 :] == other[at + 1 :]:
        return True
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]


def edit_distance(one: str, other: str, limit: int) -> int | None:
    """Return how many letters to insert, remove, replace or swap, None beyond the limit.

    >>> edit_distance("wether", "weather", 2), edit_distance("teh", "the", 1), edit_distance("a", "xyz", 1)
    (1, 1, None)
    """
    if one == other:
        return 0
    if abs(len(one) - len(other)) > limit:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        last, before, row = before, row, [at]
        for to, counterpart in enumerate(other, 1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != counterpart))
            if last and to > 1 and letter == other[to - 2] and one[at - 2] == counterpart:
                cost = min(cost, last[to - 2] + 1)
            row.append(cost)
        if min(row) > limit and min(before) > limit:
            return None
    return row[-1] if row[-1] <= limit else None
