"""What tests of review statistics share."""

from __future__ import annotations

import pytest

from tests.review_rows import NOW, ReviewRows
from xlam_backend.store.connection import Store


@pytest.fixture
def review_rows(tmp_path):
    """Queue 1 with an overlap of two, and nothing in it."""
    store = Store.open(tmp_path / "opened", now=NOW)
    made = ReviewRows(store)
    made.queue(1, overlap=2)
    yield made
    store.close()
