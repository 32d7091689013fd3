"""Embeds texts that have no vector yet; only worker processes do this, the model is heavy.

Texts are taken by length, so that a batch holds no padding to speak of, and written batch by batch: what a
stopped run has embedded need not be embedded again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from xlam_backend.embeddings.model import EmbeddingModel
from xlam_backend.embeddings.vector_cache import (
    VectorCache,
    Vectors,
    hash_texts,
    open_vectors,
    vectors_folder,
)
from xlam_backend.errors import MissingPackageError, SettingError, StoppedError

# No model reads this far into a text; what lies beyond is not even cut into tokens.
MOST_CHARACTERS = 20_000
_BATCH_TEXTS = 64
_CHUNK_TEXTS = 512  # between two looks at whether to stop
_SHARD_TEXTS = 20_000
_SHARD_SECONDS = 60.0

TellProgress = Callable[[int, int], None]


class Embedder(Protocol):
    """Something that turns texts into vectors of length 1."""

    def lengths(self, texts: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return how long each text is in the model's own measure."""
        ...

    @property
    def most_length(self) -> int:
        """Return the length from which a text is cut, 0 when none is."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a vector for each text."""
        ...


class Embedded(NamedTuple):
    """Vectors in the order of the texts, which texts the model read only in part, and how many were new."""

    vectors: Vectors
    was_cut: npt.NDArray[np.bool_]
    new_count: int


class SentenceEmbedder:
    """A sentence-transformers model, loaded."""

    def __init__(self, model: EmbeddingModel) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingPackageError(
                "The package sentence-transformers is not installed.",
                "Run `pip install -r requirements.txt`.",
            ) from error
        try:
            self._model: Any = SentenceTransformer(
                model.location,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},  # pickled weights can run code
            )
        except (OSError, ValueError, KeyError) as error:
            raise SettingError(
                f"The model {model.name!r} cannot be loaded: {str(error)[:300]}",
                "Name a sentence-transformers model that is on this machine or can be fetched, or a folder.",
            ) from error

    @property
    def most_length(self) -> int:
        """Return how many tokens the model reads."""
        return int(self._model.max_seq_length or 0)

    def lengths(self, texts: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return how many tokens each text has."""
        try:
            counted = self._model.tokenizer(list(texts), truncation=False, padding=False, verbose=False)
            return np.array([len(tokens) for tokens in counted["input_ids"]], np.int64)
        except (AttributeError, TypeError, KeyError):  # not every model has a tokenizer of this kind
            return np.array([len(text) for text in texts], np.int64)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a vector of length 1 for each text."""
        vectors = self._model.encode(
            list(texts),
            batch_size=_BATCH_TEXTS,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, np.float32)


def embed_texts(
    texts: Sequence[str],
    model: EmbeddingModel,
    data_folder: Path,
    *,
    progress: TellProgress | None = None,
    should_stop: Callable[[], bool] | None = None,
    load: Callable[[EmbeddingModel], Embedder] = SentenceEmbedder,
) -> Embedded:
    """Return the vectors of texts; the model is loaded only if some have none yet.

    Raises:
        StoppedError: `should_stop` said so; what was embedded until then is kept.
    """
    cache = open_vectors(vectors_folder(data_folder, model.key))
    hashes = hash_texts(texts)
    _, first = np.unique(hashes, return_index=True)
    new = np.sort(first[cache.rows_of(hashes[first]) < 0])
    if len(new):
        _Work(cache, load(model), progress, should_stop).embed([texts[at] for at in new.tolist()])
    rows = cache.rows_of(hashes)
    return Embedded(cache.read(rows), cache.were_cut(rows), len(new))


class _Work:
    """Embeds new texts, the shortest first, and puts them into the cache shard by shard."""

    def __init__(
        self,
        cache: VectorCache,
        embedder: Embedder,
        progress: TellProgress | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self._cache, self._embedder = cache, embedder
        self._progress, self._should_stop = progress, should_stop
        self._waiting: list[tuple[list[str], Vectors, npt.NDArray[np.bool_]]] = []
        self._written_at = time.monotonic()

    def embed(self, texts: Sequence[str]) -> None:
        shown = [text[:MOST_CHARACTERS] for text in texts]
        lengths = np.concatenate(
            [
                self._embedder.lengths(shown[start : start + _SHARD_TEXTS])
                for start in range(0, len(shown), _SHARD_TEXTS)
            ]
        )
        most = self._embedder.most_length
        is_cut = np.array([len(text) > MOST_CHARACTERS for text in texts]) | ((lengths > most) & (most > 0))
        order = sorted(range(len(texts)), key=lambda at: (lengths[at], texts[at]))
        try:
            for start in range(0, len(order), _CHUNK_TEXTS):
                chunk = order[start : start + _CHUNK_TEXTS]
                if self._should_stop is not None and self._should_stop():
                    raise StoppedError("The embedding was stopped.", "What was embedded is kept.")
                vectors = self._embedder.embed([shown[at] for at in chunk])
                self._add([texts[at] for at in chunk], vectors, is_cut[chunk])
                if self._progress is not None:
                    self._progress(start + len(chunk), len(order))
        finally:
            self._write()

    def _add(self, texts: list[str], vectors: Vectors, is_cut: npt.NDArray[np.bool_]) -> None:
        self._waiting.append((texts, vectors, is_cut))
        count = sum(len(each) for each, _, _ in self._waiting)
        if count >= _SHARD_TEXTS or time.monotonic() - self._written_at > _SHARD_SECONDS:
            self._write()

    def _write(self) -> None:
        if not self._waiting:
            return
        texts = [text for each, _, _ in self._waiting for text in each]
        vectors = np.concatenate([each for _, each, _ in self._waiting])
        is_cut = np.concatenate([each for _, _, each in self._waiting])
        self._waiting = []
        self._cache.add(hash_texts(texts), vectors, is_cut)
        self._written_at = time.monotonic()
