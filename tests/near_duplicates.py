"""A search for near-duplicates inside the test's own process, with vectors that need no model."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

import numpy as np

from xlam_backend.dedupe.job import read_job, read_rows, write_job
from xlam_backend.dedupe.search import TextVectors, search_units
from xlam_backend.dedupe.units import make_units
from xlam_backend.domain.near_duplicate import Search, SearchSettings
from xlam_backend.store.near_duplicates import write_search

DIMENSION = 48


@lru_cache
def _direction(word):
    digest = hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()
    return np.random.default_rng(list(digest)).normal(size=DIMENSION)


def word_vectors(texts):
    """Vectors in which texts are alike that share words: each word has a direction of its own."""
    vectors = np.zeros((len(texts), DIMENSION), np.float32)
    for at, text in enumerate(texts):
        for word in re.findall(r"\w+", text.lower()) or [text]:
            vectors[at] += _direction(word)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def search_store(store, folder, *, now, settings=None, was_cut=(), run_id="a-run", person="ann"):
    """Search a store as a run would, and write what was found; returns the number of the search."""
    chosen = settings or SearchSettings()
    write_job(store, folder, chosen)
    units = make_units(read_rows(folder, read_job(folder).settings.seed))
    cut = np.array([text in was_cut for text in units.texts], bool)
    found = search_units(units, TextVectors(word_vectors(units.texts), cut), chosen)
    search = Search(
        search_no=0,
        run_id=run_id,
        settings=chosen,
        model="words",
        model_sha256="",
        row_count=len(units.rows),
        text_count=len(units.texts),
        new_text_count=len(units.texts),
        no_text_count=units.no_text_count,
        cut_count=int(cut.sum()),
        person=person,
        made_at=now,
    )
    with store.write() as cursor:
        return write_search(cursor, store, search, found)
