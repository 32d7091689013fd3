"""An index of a release's rows: which tools each calls and offers, its shape, the kinds of its arguments.

A release never changes, so its index is made once and kept beside the data; it may be deleted at any time.
"""

from __future__ import annotations

import shutil
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xlam_backend.domain.tool import Tool
from xlam_backend.feedback.row_shape import SHAPES, Shape, shape_of_row
from xlam_backend.feedback.signatures import SignatureSearch, ToolSignature, signature_of
from xlam_backend.releases.reading import Release
from xlam_backend.store.parquet_file import read_parquet

FOLDER = "release_index"
FORM = 1  # rises when what is written changes
SHOWN_QUERY = 300
ARGUMENT_KINDS = ("string", "integer", "number", "boolean", "array", "object", "null")

_ROWS, _TOOLS = "rows.parquet", "tools.parquet"
_BATCH = 2_000
_MAKING = threading.Lock()
_COLUMNS = ["row_id", "trajectory_id", "source", "dataset", "category", "trajectory"]

Integers = npt.NDArray[np.int64]


class _Call(msgspec.Struct, gc=False):
    name: str = ""
    arguments: dict[str, Any] = {}


class _Step(msgspec.Struct, gc=False):
    tool_calls: tuple[_Call, ...] = ()


class _Trajectory(msgspec.Struct, gc=False):
    """Of a trajectory only what is indexed."""

    query: str = ""
    tools: tuple[msgspec.Raw, ...] = ()
    steps: tuple[_Step, ...] = ()


class IndexedRow(msgspec.Struct, frozen=True):
    """A row of a release as its index has it; `number` is its place in the release, from 0."""

    number: int
    row_id: str
    trajectory_id: str
    source: str
    dataset: str
    category: str
    query: str
    shape: Shape


class ReleaseIndex:
    """The index of one release, in memory."""

    def __init__(self, release_id: str, rows: pa.Table, signatures: list[ToolSignature]) -> None:
        self.release_id = release_id
        self.signatures = signatures
        self._rows = rows
        self._search: SignatureSearch | None = None
        self._shapes: Integers = rows["shape"].to_numpy().astype(np.int64)
        self._kinds: Integers = rows["argument_kinds"].to_numpy().astype(np.int64)
        self._called = _Postings(rows["called"], len(signatures))
        self._offered = _Postings(rows["offered"], len(signatures))

    def __len__(self) -> int:
        return int(self._rows.num_rows)

    @property
    def search(self) -> SignatureSearch:
        """What finds tools of this release that are like another one."""
        if self._search is None:
            self._search = SignatureSearch(self.signatures)
        return self._search

    def calling(self, signature: int) -> Integers:
        """Return the rows that call a tool, by their numbers, rising."""
        return self._called.rows_of(signature)

    def offering(self, signature: int) -> Integers:
        """Return the rows that offer a tool, by their numbers, rising."""
        return self._offered.rows_of(signature)

    def of_shape(self, *shapes: Shape) -> Integers:
        """Return the rows of these shapes."""
        return np.flatnonzero(np.isin(self._shapes, [SHAPES.index(shape) for shape in shapes]))

    def with_argument_kind(self, kind: str) -> Integers:
        """Return the rows that give an argument of this JSON kind (integer is not number)."""
        bit = 1 << ARGUMENT_KINDS.index(kind)
        return np.flatnonzero(self._kinds & bit)

    def rows(self, numbers: Integers) -> list[IndexedRow]:
        """Return rows by their numbers, in the order given."""
        taken = self._rows.select(
            ["row_id", "trajectory_id", "source", "dataset", "category", "query", "shape"]
        ).take(pa.array(numbers))
        return [
            IndexedRow(number=int(number), **{**row, "shape": SHAPES[row["shape"]]})
            for number, row in zip(numbers, taken.to_pylist(), strict=True)
        ]

    def keys(self) -> pa.Table:
        """Return row_id and trajectory_id of every row."""
        return self._rows.select(["row_id", "trajectory_id"])

    def of_trajectories(self, trajectory_ids: list[str]) -> Integers:
        """Return the rows that are states of these trajectories."""
        found = pc.is_in(self._rows["trajectory_id"], value_set=pa.array(trajectory_ids, pa.string()))
        return np.flatnonzero(found.to_numpy())


class _Postings:
    """Which rows have which signature: the lists of all rows, turned round."""

    def __init__(self, lists: pa.ChunkedArray, count: int) -> None:
        together = lists.combine_chunks()
        flat = together.flatten().to_numpy().astype(np.int64)
        owner = pc.list_parent_indices(together).to_numpy().astype(np.int64)
        order = np.argsort(flat, kind="stable")
        self._owner: Integers = owner[order]
        self._starts: Integers = np.searchsorted(flat[order], np.arange(count + 1))

    def rows_of(self, signature: int) -> Integers:
        return np.unique(self._owner[self._starts[signature] : self._starts[signature + 1]])


def index_folder(data_folder: Path, release_id: str) -> Path:
    """Return where the index of a release is kept."""
    return data_folder / FOLDER / f"{release_id}-{FORM}"


def open_index(data_folder: Path, release: Release) -> ReleaseIndex:
    """Return the index of a release, made now where there is none."""
    folder = index_folder(data_folder, release.release_id)
    with _MAKING:
        if not (folder / _ROWS).is_file():
            _make(folder, release)
    rows = read_parquet(folder / _ROWS)
    tools = read_parquet(folder / _TOOLS).to_pylist()
    return ReleaseIndex(
        release.release_id, rows, [ToolSignature(tool["name"], tuple(tool["parameters"])) for tool in tools]
    )


def _make(folder: Path, release: Release) -> None:
    """Write the index of a release beside its place, and rename it: it is there whole or not at all."""
    making = folder.with_name(f".making-{uuid.uuid4().hex}")
    making.mkdir(parents=True)
    try:
        numbers = _Signatures()
        schema = _row_schema()
        with pq.ParquetWriter(making / _ROWS, schema, compression="zstd") as writer:
            for batch in _read_batches(release):
                writer.write_table(pa.Table.from_pylist([_index(row, numbers) for row in batch], schema))
        tools = [{"name": one.name, "parameters": list(one.parameters)} for one in numbers.known]
        pq.write_table(pa.Table.from_pylist(tools, _TOOL_SCHEMA), making / _TOOLS)
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


_TOOL_SCHEMA = pa.schema([("name", pa.string()), ("parameters", pa.list_(pa.string()))])


def _row_schema() -> pa.Schema:
    texts = ("row_id", "trajectory_id", "source", "dataset", "category", "query")
    lists = ("called", "offered")
    return pa.schema(
        [
            *((name, pa.string()) for name in texts),
            ("shape", pa.int8()),
            ("argument_kinds", pa.int16()),
            *((name, pa.list_(pa.int32())) for name in lists),
        ]
    )


def _read_batches(release: Release) -> Iterator[list[dict[str, Any]]]:
    for part in release.manifest.parts:
        with pq.ParquetFile(release.folder / part.name) as file:
            for batch in file.iter_batches(_BATCH, columns=_COLUMNS):
                yield batch.to_pylist()


class _Signatures:
    """Gives each distinct signature a number; a tool's text is read once."""

    def __init__(self) -> None:
        self.known: list[ToolSignature] = []
        self._numbers: dict[ToolSignature, int] = {}
        self._of_text: dict[bytes, tuple[str, int]] = {}

    def of_tool(self, text: bytes) -> tuple[str, int]:
        """Return the name of a tool, and the number of its signature."""
        if text not in self._of_text:
            signature = signature_of(msgspec.json.decode(text, type=Tool))
            self._of_text[text] = signature.name, self.number(signature)
        return self._of_text[text]

    def number(self, signature: ToolSignature) -> int:
        """Return the number of a signature."""
        number = self._numbers.setdefault(signature, len(self.known))
        if number == len(self.known):
            self.known.append(signature)
        return number


_decoder = msgspec.json.Decoder(_Trajectory)


def _index(row: dict[str, Any], signatures: _Signatures) -> dict[str, Any]:
    trajectory = _decoder.decode(row.pop("trajectory"))
    by_name = dict(signatures.of_tool(bytes(tool)) for tool in trajectory.tools)
    calls = [call for step in trajectory.steps for call in step.tool_calls]
    called = {
        # A call of a tool that is not on offer is known by its name and by what it was given.
        by_name[call.name]
        if call.name in by_name
        else signatures.number(ToolSignature(call.name, tuple(sorted(call.arguments))))
        for call in calls
    }
    shape = shape_of_row(len(trajectory.tools), [len(step.tool_calls) for step in trajectory.steps])
    kinds = {argument_kind(value) for call in calls for value in call.arguments.values()}
    return {
        **row,
        "query": trajectory.query[:SHOWN_QUERY],
        "shape": SHAPES.index(shape),
        "argument_kinds": sum(1 << ARGUMENT_KINDS.index(kind) for kind in kinds),
        "called": sorted(called),
        "offered": sorted({*by_name.values()}),
    }


_KINDS: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
}


def argument_kind(value: Any) -> str:
    """Return the JSON kind of a value.

    >>> [argument_kind(value) for value in ("a", True, 1, 1.0, None, [])]
    ['string', 'boolean', 'integer', 'number', 'null', 'array']
    """
    return _KINDS.get(type(value), "null")
