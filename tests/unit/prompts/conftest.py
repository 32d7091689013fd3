"""An empty store for the versions of prompts."""

from __future__ import annotations

import pytest

from xlam_backend.store.connection import Store


@pytest.fixture
def store(data_folder):
    """The store of the data folder, empty."""
    store = Store.open(data_folder)
    yield store
    store.close()
