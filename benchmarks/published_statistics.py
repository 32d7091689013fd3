"""Examples worked out by hand in the literature, with the arithmetic that gives their values."""

from __future__ import annotations

from collections.abc import Sequence

from xlam_backend.statistics.precision_recall import Labelled

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section D: four observers, twelve units,
# nine answers missing. 0 stands for a missing answer.
KRIPPENDORFF_2011 = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3),
    (0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0),
)
KRIPPENDORFF_DOMAIN = (1, 2, 3, 4, 5)
# Coincidences o(c, k) add up to n = 40, with totals n(c) = 9, 13, 10, 5, 3. Off the diagonal, each once:
# o(1,2) = 4/3, o(1,3) = 1/3, o(1,4) = 1/3, o(2,3) = 4/3, o(2,4) = 1/3, o(3,4) = 1/3.
# Nominal: alpha = 1 - (n - 1) sum o / sum n(c) n(k) over c < k.
#   sum o = 4, sum n(c) n(k) = (40^2 - 9^2 - 13^2 - 10^2 - 5^2 - 3^2) / 2 = 608.
ALPHA_NOMINAL = 1 - 39 * 4 / 608
# Interval: each pair weighs (c - k)^2.
#   sum o d = 4/3 + 4/3 + 9/3 + 4/3 + 4/3 + 1/3 = 26/3.
#   sum n n d = 9 (13 + 40 + 45 + 48) + 13 (10 + 20 + 27) + 10 (5 + 12) + 5 * 3 = 2240.
ALPHA_INTERVAL = 1 - 39 * (26 / 3) / 2240
# Ordinal: d(c, k) = (answers from c to k, those at both ends counted half)^2.
#   d(1,2) = 11^2, d(1,3) = 22.5^2, d(1,4) = 30^2, d(1,5) = 34^2, d(2,3) = 11.5^2, d(2,4) = 19^2,
#   d(2,5) = 23^2, d(3,4) = 7.5^2, d(3,5) = 11.5^2, d(4,5) = 4^2.
_ORDINAL_OBSERVED = (4 * 11**2 + 22.5**2 + 30**2 + 4 * 11.5**2 + 19**2 + 7.5**2) / 3
_ORDINAL_EXPECTED = (
    9 * (13 * 11**2 + 10 * 22.5**2 + 5 * 30**2 + 3 * 34**2)
    + 13 * (10 * 11.5**2 + 5 * 19**2 + 3 * 23**2)
    + 10 * (5 * 7.5**2 + 3 * 11.5**2)
    + 5 * 3 * 4**2
)
ALPHA_ORDINAL = 1 - 39 * _ORDINAL_OBSERVED / _ORDINAL_EXPECTED

# Fleiss (1971), table 1 in the form of the usual worked example: 10 subjects, 14 raters, 5 categories.
FLEISS_TABLE = (
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
)
# Column totals 20, 28, 39, 21, 32 of 140; the squares of all cells add up to 828.
#   P = (828 - 140) / (10 * 14 * 13), Pe = (20^2 + 28^2 + 39^2 + 21^2 + 32^2) / 140^2 = 4170 / 19600.
FLEISS_KAPPA = (688 / 1820 - 4170 / 19600) / (1 - 4170 / 19600)

# Two readers, 50 grant proposals (the usual worked example): both yes 20, both no 15, 5 and 10 apart.
#   observed 35/50, expected (25 * 30 + 25 * 20) / 50^2 = 1/2.
COHEN_TABLE = ((20, 5), (10, 15))
COHEN_KAPPA = (35 / 50 - 1 / 2) / (1 - 1 / 2)

# Three ordered categories, 40 items. Rows 14, 14, 12; columns 12, 14, 14.
#   linear (one step = 1/2): observed (3 + 4 + 2 + 3) / 2 + 1 + 0 = 7 steps of 40,
#   expected (14 * 14 + 14 * 12 + 14 * 14 + 12 * 14) / 2 + 14 * 14 + 12 * 12 = 704 of 40^2.
#   quadratic (one step = 1/4): observed 12 / 4 + 1 = 4, expected 728 / 4 + 340 = 522.
WEIGHTED_TABLE = ((10, 3, 1), (2, 8, 4), (0, 3, 9))
KAPPA_LINEAR = 1 - (7 / 40) / (704 / 40**2)
KAPPA_QUADRATIC = 1 - (4 / 40) / (522 / 40**2)

# Ten that only the first, five that only the second got right: 2 P(X <= 5) for 15 throws of a coin.
#   1 + 15 + 105 + 455 + 1365 + 3003 = 4944 ways of 2^15; the middle p takes the last 3003 half.
MCNEMAR_SPLIT = (10, 5)
MCNEMAR_EXACT = 2 * 4944 / 2**15
MCNEMAR_MID = (2 * 4944 - 3003) / 2**15

# Two strata: 40 of 100 flagged drawn (weight 2.5), 30 bad; 20 of 1000 unflagged drawn (weight 50), 1 bad.
#   caught 30 * 2.5 = 75, missed 50: recall 75 / 125; precision 30 / 40; F1 = 2 * 75 / (100 + 125).
WEIGHTED_RECALL = 75 / 125
WEIGHTED_PRECISION = 30 / 40
WEIGHTED_F1 = 150 / 225
#   kappa: 75 of 1100 apart; by chance 100 flagged with 975 fine and 1000 unflagged with 125 bad.
WEIGHTED_KAPPA = 1 - (75 / 1100) / ((100 * 975 + 1000 * 125) / 1100**2)

# Spearman with a tie: lengths 10 20 30 40 50, errors 0 1 1 2 -1 have ranks 2 3.5 3.5 5 1 (mean 3 as lengths).
#   products of deviations: -2*-1 + -1*.5 + 0*.5 + 1*2 + 2*-2 = -0.5; squares 10, 1 + .25 + .25 + 4 + 4 = 9.5.
SPEARMAN_LENGTHS = (10, 20, 30, 40, 50)
SPEARMAN_ERRORS = (0.0, 1.0, 1.0, 2.0, -1.0)
SPEARMAN = -0.5 / (10 * 9.5) ** 0.5


def krippendorff_items() -> list[list[int]]:
    """Return the twelve units, each with the answers it got."""
    return [[answer for answer in unit if answer] for unit in zip(*KRIPPENDORFF_2011, strict=True)]


def fleiss_items() -> list[list[int]]:
    """Return the ten subjects, each with its fourteen answers."""
    return [[value for value, count in enumerate(row) for _ in range(count)] for row in FLEISS_TABLE]


def pairs_of(table: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Return the pairs of answers that a table of two raters counts."""
    return [
        (first, second)
        for first, row in enumerate(table)
        for second, count in enumerate(row)
        for _ in range(count)
    ]


def weighted_items() -> list[Labelled]:
    """Return the labelled items of the two strata."""
    flagged = [Labelled(True, place < 30, "found", 0.4) for place in range(40)]
    return [*flagged, *(Labelled(False, place < 1, "rest", 0.02) for place in range(20))]
