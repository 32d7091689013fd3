"""An evaluated model that fails in known ways, and a release of the demo data that it learnt."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import msgspec

from tests.builders import A_RESEARCHER
from xlam_backend.bfcl.question_files import find_question_set
from xlam_backend.domain.evaluation import Evaluation, EvaluationItem
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.kept_model import KeptModel
from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.releases.keeping import keep_release
from xlam_backend.releases.manifest import CARD, MANIFEST, Frozen, ReleaseFile, manifest_bytes
from xlam_backend.releases.manifest import Manifest as ReleaseManifest
from xlam_backend.releases.row_table import encode_row, rows_to_parquet
from xlam_backend.runs.folder import (
    INPUT,
    OUTPUT,
    STATE,
    STATUS,
    InputFacts,
    Manifest,
    Status,
    runs_folder,
    write_record,
)
from xlam_backend.runs.folder import MANIFEST as RUN_MANIFEST
from xlam_backend.store.evaluations import write_evaluation, write_items
from xlam_backend.store.models import write_model
from xlam_backend.store.search import find_all_numbers
from xlam_backend.store.trajectories import read_trajectories
from xlam_backend.training.job import write_job
from xlam_backend.training.plan import write_plan

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SET = "questions_demo"

WRONG_VALUE = {"error_type": "value_error:string", "errors": ("Invalid value for parameter 'city'.",)}
WRONG_TYPE = {"error_type": "type_error:simple", "errors": ("Incorrect type for parameter 'days'.",)}
NO_FORMAT = {"error_type": "ast_decoder:decoder_failed", "decode_error": "invalid syntax"}
CALLED = {"error_type": "irrelevance_error:decoder_success", "errors": ("A call where none was due.",)}


def write_release(store, numbers, *, made_in="run-1", name="all of it", part_rows=100):
    """Freeze these versions as a release, without a run; returns its id."""
    rows = [
        TrainingRow(
            row_id=one.content_id,
            trajectory=one.trajectory,
            telling=None,
            source="everything",
            dataset="demo",
            category="",
            format_name="",
            lineage=(),
            trajectory_id=one.trajectory_id,
            token_count=10,
        )
        for one in read_trajectories(store, numbers)
    ]
    folder = store.folder / "making" / made_in
    folder.mkdir(parents=True)
    parts = []
    for first in range(0, len(rows), part_rows):
        some = rows[first : first + part_rows]
        parts.append(_file(folder, f"part-{first}.parquet", _parquet(some), len(some)))
    card = _file(folder, CARD, b"# A release\n")
    manifest = ReleaseManifest(
        name=name,
        seed=0,
        recipe="",
        row_count=len(rows),
        token_count=10 * len(rows),
        token_rule="none",
        parts=tuple(parts),
        card=card,
    )
    (folder / MANIFEST).write_bytes(manifest_bytes(manifest))
    frozen = Frozen(
        at=NOW.isoformat(),
        person=A_RESEARCHER.name,
        recipe_name=name,
        recipe_version=1,
        run_id=made_in,
    )
    return keep_release(store.folder, sorted(folder.iterdir()), frozen)


def _parquet(rows):
    return rows_to_parquet([encode_row(row) for row in rows])


def _file(folder, name, content, row_count=0):
    (folder / name).write_bytes(content)
    return ReleaseFile(name, hashlib.sha256(content).hexdigest(), len(content), row_count)


def write_a_model(store, name, *, release_id="", parent="", run_id="", method="sft"):
    """Note a model that learnt a release, or that went on from another model."""
    record = KeptModel(
        name=name,
        run_id=run_id or f"run-of-{name}",
        method=method,
        tuning="full",
        base_model="tiny",
        parent=parent,
        release_id=release_id,
        person=A_RESEARCHER.name,
        made_at=NOW,
    )
    with store.write() as cursor:
        write_model(cursor, store, record)


def write_a_run(store, run_id, plan):
    """Leave the folder of a training run that has ended, with the input that it was given."""
    folder = runs_folder(store.folder) / run_id
    for name in (INPUT, OUTPUT, STATE):
        (folder / name).mkdir(parents=True)
    job = write_job(store, folder / INPUT, plan)
    manifest = Manifest(
        run_id=run_id,
        kind="train",
        title=f"Train {run_id}",
        lane="gpu",
        params=write_plan(plan),
        seeds={},
        input=InputFacts(job.row_count),
        versions={},
        person=A_RESEARCHER,
        created_at=NOW,
        store_id="",
        host="here",
    )
    write_record(folder / RUN_MANIFEST, manifest)
    ended = Status(state="succeeded", attempt=1, heartbeat=NOW, boot_id="", host="here", ended_at=NOW)
    write_record(folder / STATUS, ended)


def write_answers(store, wrong, *, model="trained-model", kept_model="", days=0, not_answered=(), **fields):
    """Write an evaluation of the demo questions; `wrong` says by item what is wrong with its answer."""
    asked = find_question_set(store.folder, SET)
    evaluation = Evaluation(
        evaluation_no=0,
        model=model,
        kept_model=kept_model,
        question_set=SET,
        set_hash=asked.hash,
        version="v4",
        mode="prompt",
        source="own",
        made_at=NOW + timedelta(days=days),
        person=A_RESEARCHER.name,
    )
    evaluation = msgspec.structs.replace(evaluation, **fields)
    items = [
        _item(question, place, wrong.get(question.id), is_answered=question.id not in not_answered)
        for place, question in enumerate(asked.by_id().values())
    ]
    with store.write() as cursor:
        number = write_evaluation(cursor, store, evaluation)
        write_items(cursor, number, items)
    return number


def _item(question, place, fault, *, is_answered):
    known = {"category": question.category, "item_id": question.id, "place": place}
    if not is_answered:
        return EvaluationItem(**known, state="not answered", reason="The endpoint did not answer.")
    decoded = [] if fault and "decode_error" in fault else [{"forecast": {"city": "Oslo"}}]
    given = {"state": "answered", "output": "[forecast(city='Oslo')]", "decoded": decoded}
    return EvaluationItem(**known, **{**given, **(fault or {})}, is_valid=fault is None)


def all_numbers(store, **filters):
    """The current versions that match."""
    return find_all_numbers(store, Filters(**filters)).tolist()


def fail_as_known(store):
    """A release of everything, a model that learnt it, and what it fails at; returns release and number."""
    release_id = write_release(store, all_numbers(store))
    write_a_model(store, "trained-model", release_id=release_id)
    wrong = {f"simple_python_{at}": WRONG_VALUE for at in range(5)}
    wrong |= {f"simple_python_{at}": WRONG_TYPE for at in range(5, 8)}
    wrong |= {f"multiple_{at}": NO_FORMAT for at in range(2)}
    wrong |= {f"irrelevance_{at}": CALLED for at in range(4)}
    number = write_answers(
        store, wrong, kept_model="trained-model", not_answered=("parallel_0", "parallel_1")
    )
    return release_id, number
