"""What is made before anything is learnt: the tiny model, and the rows as tokens, for all ranks to read.

It is made once: a run that goes on finds it as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from xlam_backend.errors import SettingError, StoppedError
from xlam_backend.releases.comparing import row_ids
from xlam_backend.releases.keeping import find_whole_release
from xlam_backend.runs.folder import INPUT, STATE, read_record, write_record
from xlam_backend.training.examples import ExampleCounts, dpo_examples, sft_examples, texts_of
from xlam_backend.training.job import TrainingJob, preference_rows, training_rows
from xlam_backend.training.plan import TINY
from xlam_backend.training.start import Start
from xlam_backend.training.teller import Teller
from xlam_backend.training.template import put_template
from xlam_backend.training.tiny_model import build_tiny
from xlam_backend.training.weights import load_tokenizer

BASE = "base"
_EXAMPLES = "examples"
_COUNTS = "counts.json"
_WRITE_ROWS = 1_000
_TELL_ROWS = 100

_IDS = pa.list_(pa.int32())
_SCHEMAS = {
    "sft": pa.schema(
        [("row_id", pa.string()), ("source", pa.string()), ("input_ids", _IDS), ("labels", _IDS)]
    ),
    "dpo": pa.schema(
        [
            ("row_id", pa.string()),
            ("source", pa.string()),
            ("prompt_ids", _IDS),
            ("chosen_ids", _IDS),
            ("rejected_ids", _IDS),
        ]
    ),
}


class Prepared(msgspec.Struct, frozen=True):
    """What was made: how many examples are learnt and held out, and what became of the rows."""

    train_count: int
    eval_count: int
    figures: dict[str, Any]


def prepare_training(run_folder: Path, job: TrainingJob, teller: Teller) -> Prepared:
    """Make what is not there yet, and return what there is.

    Raises:
        RunError: a file of the release is not what it was.
        SettingError: nothing is left to be learnt.
    """
    place = run_folder / STATE / _EXAMPLES
    found = read_prepared(run_folder)
    if found is not None:
        return found
    if job.release_id:
        teller.progress(0, 1, "looking whether the release is as it was")
        find_whole_release(Path(job.data_folder), job.release_id)
    start = start_of(run_folder, job)
    if job.start.base == TINY and not (Path(start.base) / "model.safetensors").is_file():
        teller.progress(0, 1, "building the tiny model")
        build_tiny(
            Path(start.base), job.plan, lambda speller: texts_of(_rows(run_folder, job), speller, job.plan)
        )
    tokenizer = load_tokenizer(start)
    put_template(tokenizer, job.plan)
    place.mkdir(parents=True, exist_ok=True)
    made = _write_examples(run_folder, place, job, tokenizer, teller)
    write_record(place / _COUNTS, made)
    return made


def read_prepared(run_folder: Path) -> Prepared | None:
    """Return what was made; None when it is not there yet."""
    return read_record(run_folder / STATE / _EXAMPLES / _COUNTS, Prepared)


def start_of(run_folder: Path, job: TrainingJob) -> Start:
    """Return the weights a run begins with; a model that it builds itself lies in its folder."""
    if job.start.base != TINY:
        return job.start
    return msgspec.structs.replace(job.start, base=str(run_folder / STATE / BASE))


def examples_file(run_folder: Path, split: str) -> Path:
    """Return the file of the examples that are learnt ("train") or held out ("eval")."""
    return run_folder / STATE / _EXAMPLES / f"{split}.arrow"


def _rows(run_folder: Path, job: TrainingJob) -> Iterable[Any]:
    if job.plan.method == "sft":
        return training_rows(job)
    return preference_rows(run_folder / INPUT, job)


def _write_examples(
    run_folder: Path, place: Path, job: TrainingJob, tokenizer: Any, teller: Teller
) -> Prepared:
    held_out = _held_out(run_folder, job)
    counts = {"train": ExampleCounts(), "eval": ExampleCounts()}
    total = min(job.row_count, job.plan.most_rows or job.row_count)
    make = sft_examples if job.plan.method == "sft" else dpo_examples
    for split, wants in (("eval", True), ("train", False)):
        rows = (row for row in _rows(run_folder, job) if (_first_id(row.row_id) in held_out) is wants)
        told = _telling(rows if held_out or not wants else iter(()), counts[split], total, teller)
        made = make(told, tokenizer, job.plan, counts[split])
        _write_file(place / f"{split}.arrow", job.plan.method, made)
    train, held = counts["train"], counts["eval"]
    if not train.example_count:
        reasons = "; ".join(f"{count:,} × {reason}" for reason, count in train.dropped.most_common(3))
        raise SettingError(
            f"Nothing is left to learn: all examples are dropped ({reasons or 'there are none'}).",
            "Raise the context (max_length), or choose other rows.",
        )
    return Prepared(train.example_count, held.example_count, train.figures())


def _telling(rows: Iterable[Any], counts: ExampleCounts, total: int, teller: Teller) -> Iterator[Any]:
    for row in rows:
        if counts.row_count % _TELL_ROWS == 0:
            if teller.should_stop():
                raise StoppedError("The run was stopped before it began to learn.")
            teller.progress(0, 1, f"{counts.row_count:,} of {total:,} rows written as tokens")
        yield row


def _held_out(run_folder: Path, job: TrainingJob) -> set[str]:
    """Return the ids of the rows that are held out of training; a row that comes again is held out whole."""
    wanted = job.plan.eval_rows
    if not wanted:
        return set()
    if job.release_id and not job.plan.most_rows:
        ids = {_first_id(each) for each in row_ids(find_whole_release(Path(job.data_folder), job.release_id))}
    else:
        ids = {_first_id(row.row_id) for row in _rows(run_folder, job)}
    if wanted >= len(ids):
        raise SettingError(
            f"{wanted:,} rows cannot be held out of {len(ids):,}.", "Hold out fewer (eval_rows)."
        )
    return set(sorted(ids, key=lambda each: (_lot(job.plan.seed, each), each))[:wanted])


def _first_id(row_id: str) -> str:
    """Return the id of what a row says; "-2", "-3" behind it count how often it comes."""
    return row_id.partition("-")[0]


def _lot(seed: int, row_id: str) -> bytes:
    return hashlib.blake2b(f"held out {seed} {row_id}".encode(), digest_size=8).digest()


def _write_file(path: Path, method: str, examples: Iterator[Any]) -> None:
    schema = _SCHEMAS[method]
    waiting: list[dict[str, Any]] = []
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as stream:
        for example in examples:
            waiting.append(msgspec.structs.asdict(example))
            if len(waiting) >= _WRITE_ROWS:
                stream.write_table(pa.Table.from_pylist(waiting, schema=schema))
                waiting = []
        stream.write_table(pa.Table.from_pylist(waiting, schema=schema))
