"""Models are taken away and put back; what others need stays; checkpoints of ended runs only."""

from __future__ import annotations

import os
import threading

import pytest

from tests.builders import A_RESEARCHER, AN_ADMIN
from tests.training_runs import BEGAN, write_checkpoint, write_kept_model, write_training
from xlam_backend.activities import evaluate_run, merge_run, model_export_run, train_run
from xlam_backend.domain.person import Person
from xlam_backend.errors import AccessDeniedError, InputError, NotFoundError, RunError, UnknownNameError
from xlam_backend.evaluation.plan import EvaluationPlan
from xlam_backend.runs.locks import try_lock
from xlam_backend.store.audit import AuditFilters, read_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.models import read_models
from xlam_backend.training import removal
from xlam_backend.training.checkpoints import list_checkpoints
from xlam_backend.training.exporting import ModelExportPlan
from xlam_backend.training.merging import MergePlan
from xlam_backend.training.model_shelf import read_shelf_model
from xlam_backend.training.models import find_model, list_models
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.removal import (
    delete_model,
    drop_checkpoints,
    free_model,
    list_deleted,
    restore_model,
)
from xlam_backend.training.start import find_start

BY = {"person": A_RESEARCHER, "now": BEGAN}


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder)
    yield opened
    opened.close()


def an_adapter(store, name, base):
    config = b'{"base_model_name_or_path": "%s"}' % str(store.folder / "models" / base).encode()
    files = {"adapter_model.safetensors": b"w" * 100, "adapter_config.json": config}
    return write_kept_model(store, name, files=files, tuning="lora", parent=base)


def test_a_deleted_model_is_put_back_as_it_was(store):
    write_kept_model(store, "one")
    before = {path.name: path.read_bytes() for path in find_model(store.folder, "one").folder.iterdir()}
    delete_model(store, "one", because="a test", **BY)
    assert list_models(store.folder) == []
    assert read_models(store) == []
    assert [one.name for one in list_deleted(store.folder)] == ["one"]
    restore_model(store, "one", **BY)
    after = {path.name: path.read_bytes() for path in find_model(store.folder, "one").folder.iterdir()}
    assert before == after
    assert list_deleted(store.folder) == []


def test_a_base_model_stays_while_adapters_stand_on_it(store):
    write_kept_model(store, "base")
    an_adapter(store, "on-it", "base")
    shelf = read_shelf_model(store, "base")
    assert (shelf.adapters, shelf.children) == (("on-it",), ("on-it",))
    assert read_shelf_model(store, "on-it").ancestors == ("base",)
    with pytest.raises(InputError, match="on-it"):
        delete_model(store, "base", **BY)
    delete_model(store, "on-it", **BY)
    delete_model(store, "base", **BY)
    with pytest.raises(UnknownNameError):
        read_shelf_model(store, "base")


@pytest.mark.parametrize("config", [b"[]", b"\xff", b"{", b'{"base_model_name_or_path": 5}'])
def test_a_damaged_adapter_holds_nobody_up(store, config):
    write_kept_model(store, "base")
    files = {"adapter_model.safetensors": b"w", "adapter_config.json": config}
    write_kept_model(store, "broken", files=files, tuning="lora")
    with pytest.raises(InputError, match="does not name its base model"):
        find_start(store.folder, TrainingPlan(start_from="broken"))
    delete_model(store, "base", **BY)
    delete_model(store, "broken", **BY)


def test_a_model_that_an_open_run_reads_stays(store):
    write_kept_model(store, "one")
    folder = write_training(store.folder, "run", TrainingPlan(start_from="one"), state="running")
    lock = try_lock(folder / "lock")
    try:
        with pytest.raises(InputError, match="used by the run run"):
            delete_model(store, "one", **BY)
    finally:
        os.close(lock)
    delete_model(store, "one", **BY)


def test_runs_that_read_a_model_name_it_where_it_is_looked_for():
    plans = (TrainingPlan, EvaluationPlan, MergePlan, ModelExportPlan)
    kinds = (train_run.KIND, evaluate_run.MODEL_KIND, merge_run.KIND, model_export_run.KIND)
    assert tuple(removal._NAMED_IN) == kinds
    for plan, parameter in zip(plans, removal._NAMED_IN.values(), strict=True):
        assert parameter in plan.__struct_fields__


def test_two_presses_at_once_delete_once(store):
    write_kept_model(store, "one")
    said = []

    def press(act, person):
        try:
            act(store, "one", person=person, now=BEGAN)
            said.append("done")
        except (NotFoundError, UnknownNameError) as error:
            said.append(error.what)

    for act in (delete_model, restore_model, delete_model, free_model):
        said.clear()
        threads = [threading.Thread(target=press, args=(act, AN_ADMIN)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert said.count("done") == 1
        assert len(said) == 4
    assert not list((store.folder / "models" / ".deleted").iterdir())


def test_freeing_is_for_good_and_for_admins(store):
    write_kept_model(store, "one")
    with pytest.raises(NotFoundError):
        free_model(store, "one", person=AN_ADMIN, now=BEGAN)  # not deleted yet
    delete_model(store, "one", **BY)
    with pytest.raises(AccessDeniedError):
        free_model(store, "one", **BY)
    freed = free_model(store, "one", person=AN_ADMIN, now=BEGAN)
    assert freed.byte_count > 4_000
    with pytest.raises(NotFoundError):
        restore_model(store, "one", **BY)
    acts = [row.detail for row in read_audit(store, AuditFilters(text="one"), first=0, count=9).rows]
    assert len(acts) == 2


def test_an_annotator_takes_nothing_away(store):
    write_kept_model(store, "one")
    with pytest.raises(AccessDeniedError):
        delete_model(store, "one", person=Person("al", "annotator"), now=BEGAN)


def test_checkpoints_of_an_open_run_stay(store):
    folder = write_training(store.folder, "run", state="stopped")
    write_checkpoint(folder, 10)
    write_checkpoint(folder, 20, is_whole=False)
    lock = try_lock(folder / "lock")
    try:
        with pytest.raises(RunError, match="still open"):
            drop_checkpoints(store, "run", ["checkpoint-10"], **BY)
    finally:
        os.close(lock)
    with pytest.raises(NotFoundError):
        drop_checkpoints(store, "run", ["checkpoint-10", "../../models"], **BY)
    freed = drop_checkpoints(store, "run", ["checkpoint-20"], **BY)
    assert freed.byte_count == 4_096
    assert [one.name for one in list_checkpoints(folder)] == ["checkpoint-10"]
