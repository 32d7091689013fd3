"""What the scripted server says of itself: what it billed, to whom, and what went wrong."""

from __future__ import annotations

import urllib.request
from typing import Any

import msgspec

from xlam_backend.llm.scripted_process import ServerCard


def read_stats(card: ServerCard) -> dict[str, Any]:
    """Return what the server counted."""
    address = card.base_url.removesuffix("/v1") + "/stats"
    with urllib.request.urlopen(address, timeout=30) as reply:  # noqa: S310 - our own loopback server
        counted: dict[str, Any] = msgspec.json.decode(reply.read())
    return counted
