"""Shares with their Wilson interval, against values worked out by hand and printed elsewhere."""

from __future__ import annotations

import pytest

from xlam_backend.statistics.intervals import rate, show_rate


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (3, 10, 0.10779, 0.60323),
        (81, 263, 0.25530, 0.36623),  # Newcombe 1998, Statistics in Medicine 17:857, table I
        (15, 148, 0.06239, 0.16053),
        (0, 20, 0.0, 0.16113),
        (1, 29, 0.00611, 0.17177),
        (500_000, 1_000_000, 0.49902, 0.50098),
    ],
)
def test_the_interval_is_wilsons(hits, total, low, high):
    found = rate(hits, total)
    assert found.share == hits / total
    assert (found.low, found.high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


@pytest.mark.parametrize("total", [1, 2, 3, 7, 10, 1000, 123_457])
def test_the_interval_holds_the_share_and_is_the_same_from_the_other_side(total):
    for hits in {0, 1, total // 3, total}:
        found, other = rate(hits, total), rate(total - hits, total)
        assert 0 <= found.low <= found.share <= found.high <= 1
        assert (1 - other.high, 1 - other.low) == (pytest.approx(found.low), pytest.approx(found.high))


def test_more_of_the_same_is_surer():
    widths = [rate(3 * more, 10 * more).high - rate(3 * more, 10 * more).low for more in (1, 10, 100)]
    assert widths == sorted(widths, reverse=True)


def test_nothing_to_count_has_no_share():
    assert (rate(0, 0).share, rate(0, 0).low, rate(0, 0).high) == (None, None, None)
    assert show_rate(rate(0, 0)) == "none to count"


def test_a_rate_is_shown_with_what_it_is_a_share_of():
    assert show_rate(rate(1_234, 5_000)) == "24.7 % (23.5 to 25.9 %) of 5,000"
