"""The search among vectors: every pair that brute force finds, whatever the vectors look like."""

import numpy as np
import pytest

from xlam_backend.dedupe.similar_pairs import find_similar_pairs, map_coordinates
from xlam_backend.errors import StoppedError


def some_vectors(count, *, spread, seed=0, dimension=64):
    """Vectors around some middles, the nearer the smaller `spread` is."""
    draw = np.random.default_rng(seed)
    scale = 1 / np.arange(1, dimension + 1) ** 0.5
    middles = draw.normal(size=(max(count // 20, 1), dimension)) * scale
    vectors = (
        middles[draw.integers(0, len(middles), count)] + draw.normal(size=(count, dimension)) * scale * spread
    )
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def by_brute_force(vectors, lowest):
    products = np.round(vectors.astype(np.float64) @ vectors.astype(np.float64).T, 6)
    return set(zip(*np.nonzero(np.triu(products >= lowest, 1)), strict=True))


def found(vectors, lowest, **more):
    pairs = set()
    for block in find_similar_pairs(vectors, lowest, **more):
        assert (block.left < block.right).all()
        new = set(zip(block.left, block.right, strict=True))
        assert not new & pairs
        pairs |= new
    return pairs


@pytest.mark.parametrize(("count", "spread"), [(1, 0.3), (700, 0.3), (4_500, 0.4), (3_100, 0.02)])
def test_every_pair_is_found(count, spread, tmp_path):
    vectors = some_vectors(count, spread=spread)
    mine = found(vectors, 0.9, folder=tmp_path)
    assert by_brute_force(vectors, 0.9) <= mine <= by_brute_force(vectors, 0.8999)
    assert not list(tmp_path.iterdir())


def test_nothing_gives_nothing():
    assert found(np.zeros((0, 8), np.float32), 0.5) == set()


def test_progress_reaches_its_end_and_a_stop_is_heeded():
    vectors, told = some_vectors(4_500, spread=0.4), []
    found(vectors, 0.95, progress=lambda *said: told.append(said))
    assert told[-1] == (6, 6)
    with pytest.raises(StoppedError):
        found(vectors, 0.95, should_stop=lambda: True)


def test_the_map_keeps_what_differs_most_and_is_the_same_every_time():
    vectors = some_vectors(500, spread=0.1)
    places = map_coordinates(vectors)
    assert np.array_equal(places, map_coordinates(vectors.copy()))
    middle = vectors - vectors.mean(axis=0)
    singular = np.linalg.svd(middle, compute_uv=False)
    assert np.allclose(np.linalg.norm(places, axis=0), singular[:2], rtol=1e-3)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_map_of_few(count):
    assert np.isfinite(map_coordinates(some_vectors(count, spread=0.1))).all()
