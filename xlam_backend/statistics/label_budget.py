"""How many labels an interval of a wished width needs."""

from __future__ import annotations

import math

from xlam_backend.statistics.intervals import Z_95

WISHED_HALF_WIDTH = 0.10


def labels_for_kappa(kappa: float, prevalence: float, half_width: float = WISHED_HALF_WIDTH) -> int | None:
    """Return about how many items two raters must both label to know kappa to within `half_width`.

    By the simple large-sample error of kappa (Cohen 1960), both raters saying yes in `prevalence` of the
    items; None where that is never or always, and kappa has no meaning.

    >>> labels_for_kappa(0.7, 0.3)
    240
    """
    chance = prevalence**2 + (1 - prevalence) ** 2
    if chance >= 1:
        return None
    observed = min(1.0, max(0.0, chance + kappa * (1 - chance)))
    variance = observed * (1 - observed) / (1 - chance) ** 2
    return math.ceil(variance * (Z_95 / half_width) ** 2)


def labels_for_share(share: float, half_width: float = WISHED_HALF_WIDTH) -> int:
    """Return how many labels make the Wilson interval of a share no wider than twice `half_width`.

    >>> labels_for_share(0.5), labels_for_share(1.0)
    (92, 15)
    """
    # Half the width is z sqrt(n p (1 - p) + z^2 / 4) / (n + z^2): solved for n, a quadratic equation.
    square, spread = Z_95 * Z_95, share * (1 - share)
    slope = 2 * half_width**2 - spread
    rest = half_width**2 * square - 0.25
    root = math.sqrt(slope * slope - 4 * half_width**2 * rest)
    return max(1, math.ceil(square * (root - slope) / (2 * half_width**2) - 1e-9))


def labels_for_width(n: int, low: float, high: float, half_width: float = WISHED_HALF_WIDTH) -> int:
    """Return how many labels would narrow an interval that `n` labels gave: the width shrinks by their root.

    >>> labels_for_width(100, 0.4, 0.8)
    400
    """
    return max(n, math.ceil(n * ((high - low) / 2 / half_width) ** 2 - 1e-9))
