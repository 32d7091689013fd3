"""The ablation that the xLAM paper published (section 5.3, Figure 3), to be shown beside one's own.

Models of 7B parameters, one run each; the paper gives no intervals. "Augmented" is compared with raw data,
"augmented and cleaned" with augmented data.
"""

from __future__ import annotations

import msgspec

SOURCE = "xLAM: A Family of Large Action Models to Empower AI Agent Systems, section 5.3 and Figure 3"
SOURCE_URL = "https://arxiv.org/abs/2409.03215"
SOURCE_DATE = "2024-09-05"


class PublishedEffect(msgspec.Struct, frozen=True):
    """How many points a measure rose from one set of data to another, as the paper says it."""

    benchmark: str
    measure: str
    before: str
    after: str
    points: float


PUBLISHED_EFFECTS: tuple[PublishedEffect, ...] = (
    PublishedEffect("ToolBench", "G1 instruction, pass rate", "raw", "augmented", 2.3),
    PublishedEffect("Webshop", "success rate", "raw", "augmented", 5.8),
    PublishedEffect("ToolQuery", "success rate", "raw", "augmented", 18.3),
    PublishedEffect("ToolQuery", "success rate", "augmented", "augmented and cleaned", 23.4),
)
