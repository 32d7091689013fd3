"""Learning itself, in this process, with TRL and the smallest model: exact to the bit after every break."""

import shutil
from types import SimpleNamespace

import msgspec
import pytest

from tests.tokenizers_at_hand import make_tokenizer
from tests.training_jobs import SMALL, ATeller, a_job, fill_and_freeze, told_steps
from xlam_backend.errors import RunError, SettingError
from xlam_backend.store.connection import Store
from xlam_backend.training.checkpoints import CHECKPOINTS, list_checkpoints
from xlam_backend.training.devices import Placement
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.prepared import prepare_training, read_prepared
from xlam_backend.training.quiet import be_quiet
from xlam_backend.training.template import put_template
from xlam_backend.training.trainer import MODEL, learn, read_result

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
ALONE = Placement("cpu", 1, "fp32", "single")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data folder with a release."""
    folder = tmp_path_factory.mktemp("data")
    store = Store.open(folder / "store")
    release = fill_and_freeze(store, folder / "freeze")
    store.close()
    be_quiet()
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # several threads cost more than they bring to so small a model
    yield folder / "store", release
    torch.set_num_threads(threads)


def started(folder, data, plan):
    store, release = data
    plan = msgspec.structs.replace(plan, release=release) if plan.method == "sft" else plan
    job = a_job(folder, store, plan)
    prepare_training(folder, job, ATeller())
    return folder


def weights(folder):
    from safetensors.torch import load_file

    (file,) = (folder / "state" / MODEL).glob("*model.safetensors")
    return load_file(file)


def difference(one, other):
    return max((one[name] - other[name]).abs().max().item() for name in one | other)


@pytest.mark.parametrize(
    "plan",
    [
        msgspec.structs.replace(SMALL, tuning="lora", lora_rank=2, lora_dropout=0.2),
        msgspec.structs.replace(SMALL, method="dpo", by_length=True),
    ],
    ids=["sft, adapter with dropout", "dpo, whole, by length"],
)
def test_stopped_at_any_step_and_gone_on_with_it_ends_with_the_same_weights(tmp_path, data, plan):
    whole = started(tmp_path / "whole", data, plan)
    result = learn(whole, ALONE, ATeller(), attempt=1)
    broken = started(tmp_path / "broken", data, plan)
    for attempt, stop_after in enumerate((1, 3), 1):
        assert learn(broken, ALONE, ATeller(stop_after), attempt=attempt) is None
        assert read_result(broken) is None
    assert learn(broken, ALONE, ATeller(), attempt=3).step_count == result.step_count
    assert difference(weights(whole), weights(broken)) == 0.0
    assert told_steps(whole) == told_steps(broken)
    assert told_steps(whole, "num_tokens") == told_steps(broken, "num_tokens")


def test_the_model_learns_and_is_kept_with_its_tokenizer_and_template(tmp_path, data):
    plan = msgspec.structs.replace(
        SMALL, learning_rate=0.02, epochs=4, warmup_steps=1, save_steps=5, keep_checkpoints=1
    )
    folder = started(tmp_path / "run", data, plan)
    teller = ATeller()
    result = learn(folder, ALONE, teller, attempt=1)
    losses = told_steps(folder)
    assert losses[max(losses)] < losses[1] - 0.3
    assert result.eval_loss == told_steps(folder, "eval_loss")[result.step_count]
    made = {path.name for path in (folder / "state" / MODEL).iterdir()}
    assert {"model.safetensors", "tokenizer.json", "chat_template.jinja", "config.json"} <= made
    assert "training_args.bin" not in made
    assert len(list_checkpoints(folder)) == plan.keep_checkpoints
    assert all(one.is_whole for one in list_checkpoints(folder))
    assert "begins at step 0" in teller.lines[0]
    samples = [
        line for line in (folder / "state/metrics.jsonl").read_text().splitlines() if '"sample"' in line
    ]
    assert "How is the weather in" in samples[0]


def test_only_tokens_that_are_learnt_are_scored(tmp_path, data, monkeypatch):
    from trl.trainer import utils

    scored, score = [], utils._ChunkedLogProbFunction.apply

    def apply(hidden, *rest):
        scored.append(len(hidden))
        return score(hidden, *rest)

    monkeypatch.setattr(utils, "_ChunkedLogProbFunction", SimpleNamespace(apply=apply))
    folder = started(tmp_path / "run", data, msgspec.structs.replace(SMALL, by_length=True, eval_rows=0))
    learn(folder, ALONE, ATeller(), attempt=1)
    assert sum(scored) == SMALL.epochs * read_prepared(folder).figures["tokens learnt"]


def test_packed_examples_are_all_learnt_once_an_epoch(tmp_path, data, monkeypatch):
    # transformers keeps packed examples apart by their positions; flash attention is only faster at it.
    monkeypatch.setattr("xlam_backend.training.weights._flash_attention", lambda: "sdpa")
    folder = started(tmp_path / "run", data, msgspec.structs.replace(SMALL, packing=True, max_length=600))
    made = read_prepared(folder)
    result = learn(folder, ALONE, ATeller(), attempt=1)
    assert result.step_count < SMALL.epochs * made.train_count / SMALL.effective_batch
    assert result.token_count == SMALL.epochs * made.figures["tokens"]


def test_a_checkpoint_that_was_torn_is_not_gone_on_from(tmp_path, data):
    folder = started(tmp_path / "run", data, SMALL)
    assert learn(folder, ALONE, ATeller(3), attempt=1) is None
    latest, before = list_checkpoints(folder)
    (folder / CHECKPOINTS / latest.name / "model.safetensors").write_bytes(b"half")
    teller = ATeller()
    assert learn(folder, ALONE, teller, attempt=2) is not None
    assert f"{latest.name} was not written to its end: removed" in teller.lines
    assert f"goes on from {before.name}" in teller.lines[1]


def test_it_is_not_gone_on_with_another_number_of_processes(tmp_path, data):
    folder = started(tmp_path / "run", data, SMALL)
    assert learn(folder, ALONE, ATeller(1), attempt=1) is None
    with pytest.raises(SettingError, match="not written by 2 processes"):
        learn(folder, Placement("cpu", 2, "fp32", "ddp"), ATeller(), attempt=2)


def test_another_strategy_than_was_asked_for_is_refused_before_anything_is_learnt(tmp_path, data):
    folder = started(tmp_path / "run", data, SMALL)
    with pytest.raises(RunError, match="ddp is asked for, and the trainer runs single"):
        learn(folder, Placement("cpu", 1, "fp32", "ddp"), ATeller(), attempt=1)
    assert not (folder / "state" / "metrics.jsonl").exists()


def test_nothing_left_to_learn_is_said_before_anything_is_learnt(tmp_path, data):
    with pytest.raises(SettingError, match=r"all examples are dropped \(10 × longer than the context\)"):
        started(tmp_path / "run", data, msgspec.structs.replace(SMALL, max_length=16))


def test_a_release_that_was_changed_is_not_learnt(tmp_path, data):
    store, release = data
    copy = tmp_path / "copy"
    shutil.copytree(store, copy)
    part = next((copy / "releases" / release).glob("*.parquet"))
    part.chmod(0o644)
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    with pytest.raises(RunError, match="has other content"):
        started(tmp_path / "run", (copy, release), SMALL)


def test_trl_finds_our_template_fit_for_training():
    from trl.chat_template_utils import (
        has_generation_markers,
        is_chat_template_prefix_preserving,
        is_chat_template_stop_token_trained,
        supports_tool_calling,
    )

    tokenizer = make_tokenizer(None)
    put_template(tokenizer, TrainingPlan())
    assert has_generation_markers(tokenizer.chat_template)
    assert is_chat_template_stop_token_trained(tokenizer)
    assert is_chat_template_prefix_preserving(tokenizer)
    assert supports_tool_calling(tokenizer)
