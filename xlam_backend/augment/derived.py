"""What is made of a trajectory, on its way into the store: it names its parent, and is an ordinary record."""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa

from xlam_backend.domain.telling import DerivationKind, Telling
from xlam_backend.domain.trajectory import Trajectory, content_id
from xlam_backend.domain.whole_text import without_surrogates
from xlam_backend.store.chunk import Chunk
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.derivations import MADE_SCHEMA
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.stored_chunk import StoredTrajectory

# In the fields beyond the format: so an export says it too, and equal texts of two parents stay two records.
MADE_FROM = "made_from"
_SHOWN_QUERY = 500

_SOURCE_WORDS: dict[DerivationKind, str] = {
    "augmented": "made by augmentation: other order, other marks, other formats",
    "rephrased": "made by a model that rephrased task instructions; checked by the calls it still gives",
}


class Made(msgspec.Struct, frozen=True):
    """What came of some parents: a chunk for the store, and what each of its trajectories was made from."""

    chunk: Chunk
    derivations: pa.Table


class MadeBuilder:
    """Collects what is made of trajectories, and the reasons where nothing is; `build` gives them all."""

    def __init__(self, kind: DerivationKind, run_id: str) -> None:
        self._kind: DerivationKind = kind
        self._run_id = run_id
        self._chunk = ChunkBuilder()
        self._rows: list[dict[str, Any]] = []

    def add(
        self,
        parent: StoredTrajectory,
        trajectory: Trajectory,
        telling: Telling | None,
        *,
        model: str = "",
        is_scripted: bool = False,
    ) -> None:
        """Take a trajectory that was made; `model` wrote it where one did."""
        made = with_origin(trajectory, self._kind, parent.content_id, telling, model)
        self._chunk.add(made, parent.trajectory_id, self._run_id, 0, parent.content_id)
        self._rows.append(
            {
                "content_id": content_id(made),
                "parent_no": parent.trajectory_no,
                "parent_version_no": parent.version_no,
                "parent_id": parent.content_id,
                "telling": msgspec.json.encode(telling).decode(),
                "model": model,
                "is_scripted": is_scripted,
            }
        )

    def refuse(self, parent: StoredTrajectory, reason: str, **more: str) -> None:
        """Take the reason why nothing, or not all that was asked for, was made of a trajectory."""
        raw = {
            "trajectory": parent.trajectory_id,
            "query": parent.trajectory.query[:_SHOWN_QUERY],
            **{name: without_surrogates(text) for name, text in more.items()},
            "reason": reason,
        }
        self._chunk.add_reject(self._run_id, 0, parent.trajectory_id, "", reason, msgspec.json.encode(raw))

    def build(self) -> Made:
        """Return all that was taken."""
        self._chunk.record_count = len(self._chunk)
        derivations = pa.Table.from_pylist(self._rows, schema=MADE_SCHEMA)
        return Made(self._chunk.build(), derivations)


def with_origin(
    trajectory: Trajectory, kind: DerivationKind, parent_id: str, telling: Telling | None, model: str = ""
) -> Trajectory:
    """Return a trajectory that says what it was made from, instead of what its parent says about that."""
    origin: dict[str, Any] = {"kind": kind, "parent": parent_id, "telling": msgspec.to_builtins(telling)}
    if model:
        origin["model"] = model
    return msgspec.structs.replace(trajectory, extra={**trajectory.extra, MADE_FROM: origin})


def new_dataset(kind: DerivationKind, name: str, source: str, licence: str) -> NewDataset:
    """Return what is written down about a dataset of what was made."""
    return NewDataset(name, source, kind, 1, _SOURCE_WORDS[kind], licence)
