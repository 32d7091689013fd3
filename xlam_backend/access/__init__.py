"""Who may do what, and the log of what was done."""

from __future__ import annotations

from xlam_backend.access.permission import require

__all__ = ["require"]
