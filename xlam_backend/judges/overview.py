"""What the judges have said so far, for pages and commands."""

from __future__ import annotations

from xlam_backend.store.ratings import RatingCount as RatingCount
from xlam_backend.store.ratings import StoredRating as StoredRating
from xlam_backend.store.ratings import count_ratings as count_ratings
from xlam_backend.store.ratings import find_ratings as find_ratings
from xlam_backend.store.ratings import read_version_ratings as read_version_ratings
