"""Vectors on disk by the hash of their text: added to and never changed, read without being loaded.

A folder holds shards; each is written whole under another name and then renamed, so that a shard that is
there is finished. Two processes may add to one folder at the same time: a text that both embedded stands
there twice, and either vector serves.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

from xlam_backend.errors import StoreError

Hashes = npt.NDArray[np.void]
Vectors = npt.NDArray[np.float32]

FOLDER = "embeddings"
_HASH_BYTES = 16
_HASH = np.dtype(f"V{_HASH_BYTES}")
_MAGIC = b"XLAMVEC1"
_HEADER_BYTES = 24  # magic, number of vectors, dimension
_SUFFIX = ".vectors"


def vectors_folder(data_folder: Path, model_key: str) -> Path:
    """Return where the vectors of a model are kept."""
    return data_folder / FOLDER / model_key


def hash_texts(texts: Iterable[str]) -> Hashes:
    """Return the hash of each text."""
    digests = b"".join(
        blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).digest() for text in texts
    )
    return np.frombuffer(digests, _HASH)


def open_vectors(folder: Path) -> VectorCache:
    """Open the vectors of a folder as they are now; an empty cache when there are none."""
    return VectorCache(folder)


class VectorCache:
    """The vectors of one model. What is added through it is there at once; others see it when they open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shards: list[_Shard] = []
        self._sorted: Hashes = np.zeros(0, _HASH)
        self._place: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        for path in sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else ():
            shard = _open_shard(path)
            if shard is not None:
                self._shards.append(shard)
        self._index()

    def __len__(self) -> int:
        return len(self._sorted)

    def rows_of(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        """Return the row of each text's vector, -1 for a text that has none yet."""
        if not len(self._sorted):
            return np.full(len(hashes), -1)
        at = np.minimum(np.searchsorted(_as_bytes(self._sorted), _as_bytes(hashes)), len(self._sorted) - 1)
        return np.where(_as_bytes(self._sorted)[at] == _as_bytes(hashes), self._place[at], -1)

    def read(self, rows: npt.NDArray[np.int64]) -> Vectors:
        """Return the vectors of rows, in order."""
        dimension = self._shards[0].vectors.shape[1] if self._shards else 0
        out = np.empty((len(rows), dimension), np.float32)
        for shard, first in zip(self._shards, self._starts, strict=True):
            inside = np.flatnonzero((rows >= first) & (rows < first + len(shard.vectors)))
            out[inside] = shard.vectors[rows[inside] - first]
        return out

    def were_cut(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Tell for each row whether the model read only the beginning of its text."""
        if not self._shards:
            return np.zeros(len(rows), bool)
        is_cut: npt.NDArray[np.bool_] = np.concatenate([shard.is_cut for shard in self._shards])[rows]
        return is_cut

    def add(self, hashes: Hashes, vectors: Vectors, is_cut: Sequence[bool] | npt.NDArray[np.bool_]) -> None:
        """Add vectors; they are on disk when this returns.

        Raises:
            StoreError: they are of another dimension than the ones that are there.
        """
        if self._shards and self._shards[0].vectors.shape[1] != vectors.shape[1]:
            raise StoreError(
                f"The vectors in {self._folder} have another dimension than the model gives.",
                f"Delete the folder {self._folder}; it is filled again by the next run.",
            )
        path = _write_shard(self._folder, hashes, vectors, np.asarray(is_cut, bool))
        shard = _open_shard(path)
        if shard is not None:
            self._shards.append(shard)
            self._index()

    def _index(self) -> None:
        lengths = [len(shard.hashes) for shard in self._shards]
        self._starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)[:-1]
        if not self._shards:
            return
        hashes = np.concatenate([shard.hashes for shard in self._shards])
        order = np.argsort(_as_bytes(hashes), kind="stable")
        self._sorted, self._place = hashes[order], order.astype(np.int64)


class _Shard:
    def __init__(self, hashes: Hashes, is_cut: npt.NDArray[np.bool_], vectors: Vectors) -> None:
        self.hashes, self.is_cut, self.vectors = hashes, is_cut, vectors


def _as_bytes(hashes: Hashes) -> npt.NDArray[np.bytes_]:
    """Return hashes as something that can be sorted; a hash that ends in zero bytes still is itself."""
    return hashes.view(f"S{_HASH_BYTES}")


def _write_shard(folder: Path, hashes: Hashes, vectors: Vectors, is_cut: npt.NDArray[np.bool_]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}{_SUFFIX}"
    partial = path.with_suffix(".partial")
    count, dimension = vectors.shape
    header = _MAGIC + np.array([count, dimension], np.int64).tobytes()
    padding = b"\0" * (-(_HEADER_BYTES + count * (_HASH_BYTES + 1)) % 64)
    with partial.open("wb") as file:
        for part in (header, hashes.tobytes(), is_cut.tobytes(), padding):
            file.write(part)
        file.write(np.ascontiguousarray(vectors, np.float32).tobytes())
        file.flush()
        os.fsync(file.fileno())
    return partial.replace(path)


def _open_shard(path: Path) -> _Shard | None:
    """Return a shard; None when the file is not whole: its texts are embedded again."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        return None
    count, dimension = map(int, np.frombuffer(header[len(_MAGIC) :], np.int64))
    flags = _HEADER_BYTES + count * _HASH_BYTES
    first = -(-(flags + count) // 64) * 64
    if size != first + 4 * count * dimension:
        return None
    hashes = np.fromfile(path, _HASH, count, offset=_HEADER_BYTES)
    is_cut = np.fromfile(path, np.bool_, count, offset=flags)
    vectors: Vectors = (
        np.memmap(path, np.float32, "r", offset=first, shape=(count, dimension))
        if count
        else np.zeros((0, dimension), np.float32)
    )
    return _Shard(hashes, is_cut, vectors)
