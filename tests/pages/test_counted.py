"""Numbers on screen agree with their nouns."""

from __future__ import annotations

import pytest

from pages.parts.counted import counted


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries"), (1_200, "1,200 entries")]
)
def test_one_thing_is_told_in_the_singular(count, words):
    assert counted(count, "entry", "entries") == words
