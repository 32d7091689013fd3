"""The cache of vectors: what was added is found by its text, across shards, processes and damage."""

import numpy as np
import pytest

from xlam_backend.embeddings.vector_cache import hash_texts, open_vectors
from xlam_backend.errors import StoreError
from xlam_backend.settings import PROJECT_ROOT


def vectors(*numbers):
    return np.array([[number, number + 0.5] for number in numbers], np.float32)


def test_what_was_added_is_found_again_whatever_shard_it_is_in(tmp_path):
    cache = open_vectors(tmp_path)
    cache.add(hash_texts(["a", "b"]), vectors(1, 2), [False, True])
    cache.add(hash_texts(["c"]), vectors(3), [False])
    for each in (cache, open_vectors(tmp_path)):
        rows = each.rows_of(hash_texts(["c", "nothing", "b"]))
        assert rows[1] == -1
        assert each.read(rows[[0, 2]]).tolist() == [[3.0, 3.5], [2.0, 2.5]]
        assert each.were_cut(rows[[0, 2]]).tolist() == [False, True]
        assert len(each) == 3


def test_an_empty_folder_knows_nothing(tmp_path):
    cache = open_vectors(tmp_path / "none")
    assert len(cache) == 0
    assert cache.rows_of(hash_texts(["a"])).tolist() == [-1]


def test_a_damaged_shard_is_left_aside_and_its_texts_are_new_again(tmp_path):
    cache = open_vectors(tmp_path)
    cache.add(hash_texts(["a"]), vectors(1), [False])
    cache.add(hash_texts(["b"]), vectors(2), [False])
    victim = sorted(tmp_path.iterdir())[0]
    victim.write_bytes(victim.read_bytes()[:-1])
    found = open_vectors(tmp_path).rows_of(hash_texts(["a", "b"]))
    assert sorted(found.tolist()) == [-1, 0]


def test_vectors_of_another_dimension_are_refused(tmp_path):
    cache = open_vectors(tmp_path)
    cache.add(hash_texts(["a"]), vectors(1), [False])
    with pytest.raises(StoreError, match="dimension"):
        cache.add(hash_texts(["b"]), np.ones((1, 3), np.float32), [False])


def test_nothing_but_whole_shards_is_left_behind(tmp_path):
    open_vectors(tmp_path).add(hash_texts(["a"]), vectors(1), [False])
    assert [path.suffix for path in tmp_path.iterdir()] == [".vectors"]


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "𝔸\U0010ffff", "x" * 1_000_000])
def test_every_text_has_a_hash(text, tmp_path):
    cache = open_vectors(tmp_path)
    cache.add(hash_texts([text]), vectors(1), [False])
    assert cache.rows_of(hash_texts([text, text + "."])).tolist() == [0, -1]


def test_looking_up_vectors_needs_no_model():
    """Pages and commands may look at the cache: nothing there may bring the heavy packages with it."""
    for name in ("vector_cache.py", "model.py"):
        text = (PROJECT_ROOT / "xlam_backend" / "embeddings" / name).read_text()
        assert "sentence_transformers" not in text
