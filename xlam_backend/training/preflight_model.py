"""The model before a training: is it there, may it be had, do its shape and the settings fit together."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from xlam_backend.errors import UnknownNameError, XlamError
from xlam_backend.settings import named_folder
from xlam_backend.training.base_look import BaseLook, BaseName, look_for_base
from xlam_backend.training.model_shapes import KNOWN_SHAPES, MLP_LAYERS, ModelShape
from xlam_backend.training.models import find_model, refuse_bad_name
from xlam_backend.training.plan import TINY, TrainingPlan
from xlam_backend.training.preflight_points import Point, gigabytes
from xlam_backend.training.start import Start, find_start
from xlam_backend.training_text.template_worker import TokenizerProcess

_KEEP_SECONDS = 120.0
_EXPERT_LAYERS = frozenset({*MLP_LAYERS, "w1", "w2", "w3", "experts", "gate_up_proj", "all-linear"})
_HUB: dict[BaseName, tuple[float, BaseLook]] = {}
_LOCK = threading.Lock()


def forget_looks() -> None:
    """Forget what the hub said: the next check asks it again."""
    with _LOCK:
        _HUB.clear()


def tiny_shape(plan: TrainingPlan) -> ModelShape:
    """Return the shape of the model that is built from scratch (`training.tiny_model`)."""
    heads = plan.tiny_hidden // 16
    return ModelShape(
        name=TINY,
        hidden=plan.tiny_hidden,
        intermediate=3 * plan.tiny_hidden,
        layers=plan.tiny_layers,
        heads=heads,
        kv_heads=heads,
        head_size=16,
        vocabulary=plan.tiny_vocabulary,
        is_tied=True,
    )


def find_model_start(data_folder: Path, plan: TrainingPlan) -> tuple[Start | None, list[Point]]:
    """Return the weights a plan begins with, None where there are none, and what is to be said of names."""
    points = list(_name_points(data_folder, plan))
    try:
        return find_start(data_folder, plan), points
    except XlamError as error:
        return None, [*points, Point("stops", "model", error.what, error.way_out)]


def look_at_base(start: Start, plan: TrainingPlan, process: TokenizerProcess) -> BaseLook:
    """Say whether the base of some weights can be had; the hub is asked once in two minutes."""
    if start.base == TINY:
        return BaseLook("here", tiny_shape(plan))
    base = BaseName(start.base, start.revision)
    if named_folder(start.base):
        return look_for_base(base)
    now = time.monotonic()
    with _LOCK:
        at, found = _HUB.get(base, (0.0, None))
    if found is not None and now - at < _KEEP_SECONDS:
        return found
    try:
        made = process.run(look_for_base, base)
    except XlamError as error:  # it took too long, or the process ended
        return BaseLook("unreachable", words=error.what)
    with _LOCK:
        _HUB[base] = (now, made)
    return made


def base_point(look: BaseLook, start: Start) -> Point:
    """Return what is to be said of the base model."""
    name = start.base
    if look.state == "here":
        from_scratch = "The tiny model is built from scratch." if name == TINY else ""
        return Point("fine", "model", from_scratch or f"The weights are on this machine: {_short(name)}.")
    if look.state == "on the hub":
        words = f"{name} is on the hub; {gigabytes(look.download_bytes)} are fetched when the run begins."
        return Point("fine", "model", words)
    if look.state == "gated":
        return Point(
            "stops",
            "model",
            f"The model {name} is gated: its owners give access to those who ask.",
            f"Ask at https://huggingface.co/{name}, then set HF_TOKEN for the app and start it again.",
        )
    if look.state == "no weights":
        return Point(
            "stops",
            "model",
            f"{_short(name)} has no weights as safetensors; other kinds are programs, and are not opened.",
            "Convert them, or choose another model.",
        )
    if look.state == "damaged":
        words = f"{look.words} in {_short(name)} is no whole safetensors file."
        return Point("stops", "model", words, "Fetch or copy the model again.")
    if look.state == "unreachable":
        return Point(
            "stops",
            "model",
            f"The hub cannot be reached, and {name} is not on this machine ({look.words}).",
            "Name a folder with the model, or check the network and the proxy, then check again.",
        )
    near = f" {look.words}." if look.words else ""
    return Point(
        "stops",
        "model",
        f"There is no model {_short(name)}.{near}",
        "See how its name is written: OWNER/NAME on the hub, or a folder. A private one needs HF_TOKEN.",
    )


def shape_points(shape: ModelShape | None, plan: TrainingPlan, *, vocabulary: int) -> Iterator[Point]:
    """Yield what does not fit between a model's shape and the settings."""
    if shape is None:
        words = "The shape of this model is not known: memory and time cannot be estimated."
        yield Point("warns", "model", words)
        return
    if shape.context and plan.max_length > shape.context:
        words = f"The model was made for {shape.context:,} tokens, and max_length is {plan.max_length:,}."
        yield Point("warns", "length", words, f"Set max_length to {shape.context:,}.")
    if vocabulary > shape.vocabulary:
        words = f"The tokenizer knows {vocabulary:,} tokens, and the model {shape.vocabulary:,}."
        yield Point("stops", "model", words, "They do not belong together: choose a model with its own.")
    if shape.is_mixture and plan.is_adapter:
        yield from _expert_points(shape, plan)


def _expert_points(shape: ModelShape, plan: TrainingPlan) -> Iterator[Point]:
    names_experts = bool(_EXPERT_LAYERS & set(plan.lora_targets))
    if names_experts and plan.lora_dropout:
        yield Point(
            "stops",
            "settings",
            "The experts of this model are one fused tensor: an adapter on them cannot have dropout.",
            "Set lora_dropout to 0, or name attention layers only (q_proj, k_proj, v_proj, o_proj).",
        )
    if not names_experts:
        share = shape.expert_count / shape.parameter_count
        experts = f"the experts ({share:.0%} of the weights) stay as they are"
        yield Point("warns", "settings", f"The adapter sits on the attention only: {experts}.")
    if plan.tuning == "qlora":
        words = (
            "The experts are no linear layers, so 4 bits do not make them smaller: qlora saves little here."
        )
        yield Point("warns", "memory", words, "Choose lora, on more GPUs.")


def method_points(plan: TrainingPlan, *, step_count: int, example_count: int) -> Iterator[Point]:
    """Yield what is unwise in how it is learnt."""
    if plan.method == "dpo" and not plan.start_from:
        words = "The pairs are learnt by a model that was not trained on the task before."
        yield Point("warns", "model", words, "Begin with a model that SFT made, as the paper does.")
    if (
        plan.tuning == "full"
        and plan.method == "dpo"
        and plan.learning_rate > 1e-5
        and plan.base_model != TINY
    ):
        words = f"A learning rate of {plan.learning_rate:g} is high for a DPO of all weights."
        yield Point("warns", "settings", words, "1e-6 is usual.")
    if 0 < step_count <= plan.warmup_steps:
        words = (
            f"There are {step_count:,} steps, and the learning rate rises over {plan.warmup_steps:,}: "
            "it never gets where it is set."
        )
        yield Point("warns", "settings", words, f"Set warmup_steps to {max(0, step_count // 10):,}.")
    if example_count and plan.eval_rows >= example_count:
        words = f"{plan.eval_rows:,} rows cannot be held out of {example_count:,}."
        yield Point("stops", "settings", words, "Hold out fewer (eval_rows).")


def _name_points(data_folder: Path, plan: TrainingPlan) -> Iterator[Point]:
    if not plan.name:
        return
    try:
        refuse_bad_name(plan.name)
        find_model(data_folder, plan.name)
    except UnknownNameError:
        return  # the name is free
    except XlamError as error:
        yield Point("stops", "settings", error.what, error.way_out)
        return
    yield Point("stops", "settings", f"There is a model {plan.name!r} already.", "Choose another name.")


def _short(name: str) -> str:
    known = KNOWN_SHAPES.get(name)
    return known.name if known else name if len(name) <= 80 else f"…{name[-79:]}"
