"""Puts rows into units: rows that say the same words and make the same calls, numbered by what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from xlam_backend.dedupe.compared_row import hash_bytes, normalise_text
from xlam_backend.domain.near_duplicate import KeeperFacts, keeping_key
from xlam_backend.store.columns import Integers


class ComparedRow(msgspec.Struct, frozen=True, gc=False):
    """A trajectory as the search sees it; `text` is all that the user asked, `calls` and `tools` are hashes.

    `has_calls`: something is called. `facts.tie_break` is drawn from the seed.
    """

    trajectory_no: int
    version_no: int
    trajectory_id: str
    dataset_no: int
    text: str
    calls: bytes
    tools: bytes
    has_calls: bool
    facts: KeeperFacts


class Units(NamedTuple):
    """Rows with something to say, their texts and units, all numbered by content: any order gives the same.

    rows        those compared, sorted by the id of their trajectory
    texts       one text for each different wording: what is embedded
    text_of     the text of each unit
    calls_of    a number for each different list of calls, by unit
    tools_of    a number for each different set of tools, by unit
    has_calls   whether a unit calls anything
    unit_of     the unit of each row
    is_same_text  whether a row's text is that of the first row of its unit, letter by letter
    keep_order  the place of each row in the order of who is kept first
    no_text_count  rows left out because nothing is asked
    """

    rows: Sequence[ComparedRow]
    texts: Sequence[str]
    text_of: Integers
    calls_of: Integers
    tools_of: Integers
    has_calls: Integers
    unit_of: Integers
    is_same_text: Integers
    keep_order: Integers
    no_text_count: int


def make_units(offered: Iterable[ComparedRow]) -> Units:
    """Return the units of rows, whatever order they come in."""
    rows: list[ComparedRow] = []
    keys: list[bytes] = []
    no_text_count = 0
    for row in offered:
        words = normalise_text(row.text)
        if words:
            rows.append(row)
            keys.append(hash_bytes(words.encode("utf-8", "replace")))
        else:
            no_text_count += 1
    order = sorted(range(len(rows)), key=lambda at: rows[at].trajectory_id)
    rows = [rows[at] for at in order]
    keys = [keys[at] for at in order]
    numbered = sorted(set(keys))
    text_numbers = {key: number for number, key in enumerate(numbered)}
    texts = _first_texts(rows, [text_numbers[key] for key in keys], len(numbered))
    named = [(text_numbers[key], row.calls) for key, row in zip(keys, rows, strict=True)]
    units = {name: number for number, name in enumerate(sorted(set(named)))}
    unit_of = np.array([units[name] for name in named], np.int64)
    first_row = np.full(len(units), len(rows))
    np.minimum.at(first_row, unit_of, np.arange(len(rows)))
    firsts = [rows[at] for at in first_row.tolist()]
    return Units(
        rows=rows,
        texts=texts,
        text_of=np.array([text for text, _ in units], np.int64),
        calls_of=_numbered([row.calls for row in firsts]),
        tools_of=_numbered([row.tools for row in firsts]),
        has_calls=np.array([row.has_calls for row in firsts], bool),
        unit_of=unit_of,
        is_same_text=np.array(
            [row.text == firsts[unit].text for row, unit in zip(rows, unit_of.tolist(), strict=True)], bool
        ),
        keep_order=_keep_order(rows),
        no_text_count=no_text_count,
    )


def _first_texts(rows: Sequence[ComparedRow], text_of: Sequence[int], count: int) -> list[str]:
    """Return of each wording the first text in the order of the alphabet."""
    texts: list[str | None] = [None] * count
    for row, number in zip(rows, text_of, strict=True):
        known = texts[number]
        texts[number] = row.text if known is None else min(known, row.text)
    return [text or "" for text in texts]


def _numbered(values: Sequence[bytes]) -> Integers:
    numbers = {value: number for number, value in enumerate(sorted(set(values)))}
    return np.array([numbers[value] for value in values], np.int64)


def _keep_order(rows: Sequence[ComparedRow]) -> Integers:
    order = sorted(range(len(rows)), key=lambda at: keeping_key(rows[at].facts))
    places = np.empty(len(rows), np.int64)
    places[order] = np.arange(len(rows))
    return places
