"""The check before a training: what is measured, and every refusal with its way out."""

from __future__ import annotations

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from tests.tokenizers_at_hand import PLAIN, make_tokenizer
from tests.training_jobs import ROWS, SMALL, ATeller, a_job, a_pair_row, fill_and_freeze
from xlam_backend.releases.reading import find_release, read_rows
from xlam_backend.store.connection import Store
from xlam_backend.training import preflight_model
from xlam_backend.training.base_look import BaseName, look_for_base
from xlam_backend.training.hardware import Gpu, Hardware
from xlam_backend.training.measuring import MeasureRequest, measure
from xlam_backend.training.model_shapes import find_shape
from xlam_backend.training.plan import TrainingPlan, read_plan
from xlam_backend.training.preflight import preflight, summary_lines
from xlam_backend.training.preflight_data import CUT, TOO_LONG
from xlam_backend.training.preflight_machine import memory_table
from xlam_backend.training.prepared import prepare_training
from xlam_backend.training.quiet import be_quiet
from xlam_backend.training.start import Start
from xlam_backend.training_text.template_worker import TokenizerProcess

GIB = 1024**3
DESK = Hardware((), 2, 16 * GIB, 12 * GIB)
H100 = Gpu("NVIDIA H100 80GB HBM3", 80 * GIB, 79 * GIB)
NODE = Hardware((H100,) * 8, 64, 1000 * GIB, 900 * GIB)
NO_TENSORS = (2).to_bytes(8, "little") + b"{}"
_7B = "deepseek-ai/deepseek-coder-7b-instruct-v1.5"


class InThisProcess(TokenizerProcess):
    """Does the work here: the tests load transformers anyway."""

    def run(self, function, item):
        return function(item)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    """A store with a release of 12 rows."""
    folder = tmp_path_factory.mktemp("preflight")
    store = Store.open(folder / "store")
    release = fill_and_freeze(store, folder / "freeze")
    yield store, release
    store.close()


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    """A folder with a small model's config, tokenizer and weights file; its template marks nothing."""
    folder = tmp_path_factory.mktemp("model")
    make_tokenizer(PLAIN).save_pretrained(folder)
    config = {
        "model_type": "llama",
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "vocab_size": 5000,
        "max_position_embeddings": 4096,
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model.safetensors").write_bytes(NO_TENSORS)
    return folder


def check(frozen, hardware=DESK, **settings):
    store, release = frozen
    usual = {**msgspec.to_builtins(SMALL), "release": release}
    return preflight(store, read_plan({**usual, **settings}), hardware=hardware, process=InThisProcess())


def words(found, level):
    return " ".join(f"{point.words} {point.way_out}" for point in found.of_level(level))


def test_what_can_start_says_what_will_happen(frozen):
    found = check(frozen)
    assert found.may_start
    assert found.data is not None
    assert found.work is not None
    assert (found.data.row_count, found.data.dropped_count, found.data.example_count) == (ROWS, 0, ROWS)
    assert found.work.examples == ROWS - SMALL.eval_rows
    assert found.work.steps == 2 * 3  # 10 examples, 4 in a step, twice
    assert found.data.target_count < found.data.token_count
    assert found.duration is not None
    assert found.duration.fastest_seconds < found.duration.slowest_seconds
    assert found.memory is not None
    assert "is as it was frozen" in words(found, "fine")
    assert any("10 examples" in line for line in summary_lines(found))


def test_long_rows_are_counted_and_shown(frozen):
    longest = check(frozen).data.longest
    found = check(frozen, max_length=longest - 1)
    assert found.may_start
    gone = found.data.dropped[TOO_LONG]
    assert 0 < gone < ROWS
    assert found.data.example_count == ROWS - gone
    assert f"{gone} of {ROWS} examples are longer than" in words(found, "warns")
    assert f"max_length of {longest:,} would keep all" in words(found, "warns")
    shown = found.data.problems
    assert len(shown) == gone
    assert {each.outcome for each in shown} == {TOO_LONG}
    store, release = frozen
    assert {each.trajectory_id for each in shown} <= {row.trajectory_id for row in rows_of(store, release)}
    kept = check(frozen, max_length=longest - 1, too_long="cut")
    assert (kept.data.example_count, kept.data.cut_count) == (ROWS, gone)
    assert {each.outcome for each in kept.data.problems} == {CUT}


def rows_of(store, release):
    return list(read_rows(find_release(store.folder, release).folder))


def test_everything_too_long_is_refused(frozen):
    found = check(frozen, max_length=16)
    assert not found.may_start
    assert "Nothing is left to learn: the shortest example has" in words(found, "stops")
    assert "Raise max_length" in words(found, "stops")


def test_a_release_that_changed_is_refused(frozen, tmp_path):
    store, release = frozen
    copy = tmp_path / "store"
    shutil.copytree(store.folder / "releases", copy / "releases")
    part = find_release(copy, release).folder / "rows-00000.parquet"
    part = part if part.is_file() else next(find_release(copy, release).folder.glob("*.parquet"))
    part.chmod(0o644)
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(bytes(content))
    changed = Store.open(copy)
    try:
        found = check((changed, release))
    finally:
        changed.close()
    assert "damaged" in words(found, "stops")
    assert "Freeze its recipe again" in words(found, "stops")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"release": ""}, "No release is chosen"),
        ({"release": "0123456789"}, "There is no release"),
        ({"base_model": "/nowhere/at/all"}, "There is no folder '/nowhere/at/all'"),
        ({"base_model": "~nobody-at-all/model"}, "There is no folder '~nobody-at-all/model'"),
        ({"base_model": "x" * 400}, "There is no model"),
        ({"start_from": "nobody"}, "no model called 'nobody'"),
        ({"name": "../out"}, "cannot be the name of a model"),
        ({"device": "cuda"}, "A GPU is asked for"),
        ({"sharding": "fsdp"}, "FSDP divides weights among GPUs"),
        ({"packing": True}, "Packing takes a GPU"),
        ({"report_to": ["wandb"]}, "the package wandb is not installed"),
        ({"eval_rows": ROWS}, "cannot be held out of 12"),
        ({"method": "dpo"}, "No preference pair counts"),
    ],
)
def test_what_cannot_work_is_refused_with_a_way_out(frozen, settings, told):
    found = check(frozen, **settings)
    assert not found.may_start
    assert told in words(found, "stops")
    assert all(point.way_out for point in found.of_level("stops"))


def test_no_room_on_the_disk_is_refused(frozen, monkeypatch):
    monkeypatch.setattr("xlam_backend.training.preflight.free_disk", lambda _folder: 1000)
    found = check(frozen)
    assert "1 KB are free" in words(found, "stops")
    assert "keep_checkpoints" in words(found, "stops")


def test_more_warm_up_than_steps_is_said(frozen):
    found = check(frozen, warmup_steps=100)
    assert found.may_start
    assert "There are 6 steps, and the learning rate rises over 100" in words(found, "warns")


def test_a_template_without_marks_is_said(frozen, model_folder):
    found = check(frozen, base_model=str(model_folder), template="model")
    assert found.data is not None
    assert not found.data.is_marked
    assert "it is marked here" in words(found, "fine")
    assert found.data.unended_count == 0
    ours = check(frozen, base_model=str(model_folder))
    assert ours.data.is_marked


def test_a_template_that_ends_no_answer_is_said_and_its_repair_is_seen(frozen, model_folder, tmp_path):
    endless = tmp_path / "endless"
    shutil.copytree(model_folder, endless)
    template = endless / "chat_template.jinja"
    template.write_text(PLAIN.replace("{% endfor -%}\n<|im_end|>", "{% endfor -%}\n"))
    found = check(frozen, base_model=str(endless), template="model")
    assert found.data.unended_count == found.data.example_count
    assert "would not learn to end its answers" in words(found, "warns")
    template.write_text(PLAIN)
    assert check(frozen, base_model=str(endless), template="model").data.unended_count == 0


def test_a_folder_without_weights_is_refused(frozen, model_folder, tmp_path):
    bare = tmp_path / "bare"
    shutil.copytree(model_folder, bare)
    (bare / "model.safetensors").unlink()
    assert "has no weights as safetensors" in words(check(frozen, base_model=str(bare)), "stops")
    (bare / "config.json").unlink()
    assert "no config.json" in words(check(frozen, base_model=str(bare)), "stops")


@pytest.mark.parametrize("content", [b"", b"root:x:0:0", NO_TENSORS[:-1], NO_TENSORS + b"\0", b"\xff" * 20])
def test_weights_that_are_not_whole_are_refused(frozen, model_folder, tmp_path, content):
    torn = tmp_path / "torn"
    shutil.copytree(model_folder, torn)
    (torn / "model.safetensors").write_bytes(content)
    assert "no whole safetensors file" in words(check(frozen, base_model=str(torn)), "stops")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model_type": "vit"}, "'vit', which writes no text"),
        ({"model_type": "own"}, "No model can be loaded"),
    ],
)
def test_a_model_that_brings_its_own_code_or_writes_no_text_is_refused(
    frozen, model_folder, tmp_path, change, told
):
    other = tmp_path / "other"
    shutil.copytree(model_folder, other)
    config = json.loads((other / "config.json").read_text())
    code = {"auto_map": {"AutoConfig": "own.Config"}} if change["model_type"] == "own" else {}
    (other / "config.json").write_text(json.dumps({**config, **change, **code}))
    (other / "own.py").write_text("raise SystemExit")
    assert told in words(check(frozen, base_model=str(other)), "stops")


def test_a_tokenizer_of_another_model_is_refused(frozen, model_folder, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(model_folder, other)
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "vocab_size": 10}))
    assert "The tokenizer knows" in words(check(frozen, base_model=str(other)), "stops")


def on_hub(monkeypatch, state):
    """Answer for the hub: the look itself is tested below, against a server."""
    look = msgspec.structs.replace(
        look_for_base(BaseName("/nowhere")), state=state, words="", download_bytes=10**9
    )
    monkeypatch.setattr(preflight_model, "look_for_base", lambda _base: look)
    monkeypatch.setattr(preflight_model, "_HUB", {})


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("gated", "set HF_TOKEN"),
        ("missing", "There is no model"),
        ("unreachable", "The hub cannot be reached"),
    ],
)
def test_a_base_model_that_cannot_be_had_is_refused(frozen, monkeypatch, state, told):
    on_hub(monkeypatch, state)
    found = check(frozen, hardware=NODE, base_model=_7B)
    assert told in words(found, "stops")
    # what is known of its shape is told all the same
    assert found.shape is not None
    assert round(found.shape.parameter_count / 1e9, 2) == 6.91
    assert [row.tuning for row in found.memory_rows] == ["full", "lora", "qlora"]


def test_memory_that_does_not_suffice_is_refused_with_what_would_fit(frozen, monkeypatch):
    on_hub(monkeypatch, "missing")
    settings = {"base_model": _7B, "max_length": 4096, "batch_size": 1, "release": frozen[1]}
    found = check(frozen, hardware=NODE, devices=1, **settings)
    assert "there are 86 GB" in words(found, "stops")
    assert "gradient_checkpointing, tuning: lora" in words(found, "stops")
    several = check(frozen, hardware=NODE, **settings)
    assert "sharding: fsdp" in words(several, "stops")
    fits = check(frozen, hardware=NODE, sharding="fsdp", gradient_checkpointing=True, **settings)
    assert "It needs" in words(fits, "fine")
    busy = Hardware((msgspec.structs.replace(H100, free_bytes=10 * GIB),) * 8, 64, 1000 * GIB, 900 * GIB)
    full = check(frozen, hardware=busy, sharding="fsdp", gradient_checkpointing=True, **settings)
    assert "are free now" in words(full, "warns")


def test_processes_that_read_more_than_the_machine_holds_are_told(frozen, monkeypatch):
    on_hub(monkeypatch, "missing")
    settings = {"base_model": _7B, "sharding": "fsdp", "release": frozen[1]}
    small = msgspec.structs.replace(NODE, memory_bytes=200 * GIB)
    assert "221 GB together" in words(check(frozen, hardware=small, **settings), "warns")
    assert "together" not in words(check(frozen, hardware=NODE, **settings), "warns")
    assert "together" not in words(check(frozen, hardware=small, tuning="lora", **settings), "warns")


def test_nobody_asks_on_which_gpus_a_trained_tiny_model_fits():
    plan = TrainingPlan(method="dpo", base_model="tiny", tuning="lora", start_from="trained-before")
    assert memory_table(find_shape(_7B), plan, longest=100) == ()


@pytest.mark.parametrize(
    ("settings", "level", "told"),
    [
        ({"lora_targets": ["gate_proj"], "lora_dropout": 0.05}, "stops", "cannot have dropout"),
        ({"lora_dropout": 0.05}, "warns", "sits on the attention only"),
        ({"lora_targets": ["gate_proj"], "lora_dropout": 0.0}, "none", "dropout"),
    ],
)
def test_the_traps_of_mixtures_of_experts(frozen, monkeypatch, settings, level, told):
    on_hub(monkeypatch, "missing")
    settings = {"base_model": "mistralai/Mixtral-8x7B-Instruct-v0.1", "tuning": "lora", **settings}
    found = check(frozen, hardware=NODE, **settings)
    said = {level: words(found, level) for level in ("stops", "warns")}
    assert [name for name, text in said.items() if told in text] == ([] if level == "none" else [level])


def test_a_preflight_measures_what_the_run_learns(frozen, tmp_path):
    """The trainer's own counts of the same plan are the same."""
    be_quiet()
    store, release = frozen
    plan = msgspec.structs.replace(
        SMALL, release=release, eval_rows=0, max_length=check(frozen).data.longest - 1
    )
    made = prepare_training(tmp_path, a_job(tmp_path, store.folder, plan), ATeller())
    found = check(frozen, eval_rows=0, max_length=plan.max_length)
    assert made.figures["tokens"] == found.data.token_count
    assert made.figures["tokens learnt"] == found.data.target_count
    assert sum(made.figures["dropped"].values()) == found.data.dropped_count
    assert made.train_count == found.work.examples


def test_a_large_release_is_measured_by_a_sample(frozen, monkeypatch):
    monkeypatch.setattr("xlam_backend.training.preflight_data.MOST_MEASURED", 5)
    found = check(frozen)
    assert found.data.is_sample
    assert found.data.looked_at == 4
    assert found.data.example_count == ROWS
    assert "were measured, evenly drawn" in words(found, "fine")


class HubAtHand(BaseHTTPRequestHandler):
    """Answers as the hub does: one open model, one gated, nothing else."""

    def do_GET(self):
        if self.path.startswith("/api/models/someone/gated/auth-check"):
            self._say(403, {}, {"X-Error-Code": "GatedRepo"})
        elif self.path.startswith("/api/models/someone/gated"):
            self._say(
                200, {"id": "someone/gated", "modelId": "someone/gated", "gated": "manual", "siblings": []}
            )
        elif self.path.startswith("/api/models/someone/open"):
            files = [{"rfilename": "model.safetensors", "size": 7_000}]
            self._say(
                200, {"id": "someone/open", "modelId": "someone/open", "gated": False, "siblings": files}
            )
        else:
            self._say(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})

    def _say(self, status, body, headers=None):
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Be quiet."""


def test_the_hub_is_asked_in_a_process_of_its_own(monkeypatch, tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), HubAtHand)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    process = TokenizerProcess()
    try:
        looks = [
            process.run(look_for_base, BaseName(name)) for name in ("someone/open", "someone/gated", "no/one")
        ]
    finally:
        process.end()
        server.shutdown()
        server.server_close()
    assert [look.state for look in looks] == ["on the hub", "gated", "missing"]
    assert looks[0].download_bytes == 7_000


def test_what_is_measured_does_not_depend_on_the_context(frozen):
    store, release = frozen
    folder = str(find_release(store.folder, release).folder)
    one, other = (
        measure(MeasureRequest(TrainingPlan(max_length=length), Start("tiny"), folder))
        for length in (16, 4096)
    )
    assert one == other


def test_pairs_are_measured_as_they_are_learnt(frozen, tmp_path):
    be_quiet()
    plan = msgspec.structs.replace(SMALL, method="dpo", eval_rows=0)
    made = prepare_training(tmp_path, a_job(tmp_path, frozen[0].folder, plan), ATeller())
    pairs = tuple(a_pair_row(number) for number in range(ROWS))
    found = measure(MeasureRequest(plan, Start("tiny"), pairs=pairs))
    assert found.row_count == made.train_count == len(found.examples)
    assert sum(each.length for each in found.examples) == made.figures["tokens"]
    assert sum(each.target_count for each in found.examples) == made.figures["tokens learnt"]
