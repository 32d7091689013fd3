"""Merging: the adapter's product is added to the base's weights, and a whole model is kept."""

from __future__ import annotations

import numpy as np
import pytest

from tests.builders import A_RESEARCHER
from tests.training_runs import write_kept_model
from tests.unit.activities.conftest import NOW
from tests.weights_by_hand import (
    ALPHA,
    RANK,
    TARGET,
    adapter_files,
    adapter_weights,
    base_weights,
    model_files,
    read_safetensors,
)
from xlam_backend.activities.manager import wait_for_run
from xlam_backend.activities.merge_run import start_merge
from xlam_backend.domain.person import Person
from xlam_backend.errors import AccessDeniedError, InputError, NotFoundError, SettingError
from xlam_backend.training.models import find_model

BY = {"person": A_RESEARCHER, "now": NOW}


@pytest.fixture
def models(store, runs):
    """A whole model and an adapter on it."""
    write_kept_model(store, "base", files=model_files())
    files = adapter_files(store.folder / "models" / "base")
    write_kept_model(store, "adapter", files=files, tuning="lora", parent="base", release_id="ab" * 16)
    return store


@pytest.mark.timeout(300)  # on a busy machine, loading torch alone takes a minute
def test_an_adapter_is_merged_into_its_base(models):
    run_id = start_merge(models, "adapter", **BY)
    status = wait_for_run(models, run_id)
    assert status.state == "succeeded", status.what
    assert status.outcome["largest difference of logits"] < 1e-4
    made = find_model(models.folder, "adapter-merged")
    record = made.record
    assert (record.method, record.tuning, record.parent, record.run_id) == (
        "merge",
        "full",
        "adapter",
        run_id,
    )
    assert record.release_id == "ab" * 16
    merged = read_safetensors((made.folder / "model.safetensors").read_bytes())
    stem = f"base_model.model.model.layers.0.{TARGET}."
    adapter = adapter_weights()
    added = adapter[stem + "lora_B.weight"] @ adapter[stem + "lora_A.weight"] * (ALPHA / RANK)
    for name, values in base_weights().items():
        wanted = values + (added if TARGET in name else 0)
        np.testing.assert_allclose(merged[name], wanted, atol=1e-6)
    assert (made.folder / "chat_template.jinja").read_bytes() == b"{{ messages }}"


def test_what_cannot_be_merged_is_refused_before_anything_starts(models):
    with pytest.raises(InputError, match="whole model already"):
        start_merge(models, "base", **BY)
    with pytest.raises(SettingError, match="exists, or did once"):
        start_merge(models, "adapter", name="base", **BY)
    with pytest.raises(SettingError, match="cannot be the name"):
        start_merge(models, "adapter", name="../x", **BY)
    with pytest.raises(AccessDeniedError):
        start_merge(models, "adapter", person=Person("al", "annotator"), now=NOW)


def test_an_adapter_whose_base_is_gone_is_refused(store, runs):
    files = adapter_files(store.folder / "models" / "gone")
    write_kept_model(store, "adapter", files=files, tuning="lora")
    with pytest.raises(NotFoundError, match="is gone"):
        start_merge(store, "adapter", **BY)
