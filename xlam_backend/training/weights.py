"""Loads models and tokenizers from a folder or the hub; whatever goes wrong is said in words.

Code that comes with a model is never run, and weights are read as safetensors only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xlam_backend.errors import (
    HubUnavailableError,
    MissingPackageError,
    NotFoundError,
    SettingError,
    XlamError,
)
from xlam_backend.runs.failure import class_of_error
from xlam_backend.settings import is_folder_name, named_folder
from xlam_backend.training.models import ModelOnDisk
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.start import Start, start_of_model

_SAFE: dict[str, Any] = {"trust_remote_code": False}


def load_tokenizer(start: Start) -> Any:
    """Return the tokenizer that belongs to some weights: that of the adapter, where it has one.

    Raises:
        SettingError: there is none, or it cannot say which characters a token stands for.
    """
    from transformers import AutoTokenizer

    own = bool(start.adapter) and (Path(start.adapter) / "tokenizer_config.json").is_file()
    name = start.adapter if own else start.base
    with _said_in_words(name):
        tokenizer = AutoTokenizer.from_pretrained(
            name, revision=None if own else start.revision or None, **_SAFE
        )
    if not tokenizer.is_fast:
        raise SettingError(
            f"The tokenizer of {name!r} does not say which characters a token stands for.",
            "Choose a model that has a tokenizer.json.",
        )
    return tokenizer


def refuse_unknown_architecture(start: Start) -> None:
    """Refuse a model that transformers cannot train without running code that comes with it.

    Raises:
        SettingError: its config.json names no decoder that is known.
    """
    from transformers import AutoConfig
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    with _said_in_words(start.base):
        config = AutoConfig.from_pretrained(start.base, revision=start.revision or None, **_SAFE)
    if config.model_type not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise SettingError(
            f"The model {start.base!r} is of the kind {config.model_type!r}, which writes no text.",
            "Choose a language model (a decoder).",
        )


def load_for_training(start: Start, plan: TrainingPlan, *, dtype: str, device: str) -> Any:
    """Return a model as a plan trains it: whole, or with the adapter that it goes on with.

    Args:
        start: its weights.
        plan: full tuning merges an adapter before; lora goes on with it.
        dtype: the numbers its weights are held in: float32, bfloat16.
        device: cpu or cuda.
    """
    model = _load_base(start, plan, dtype=dtype, device=device)
    if not start.adapter:
        return model
    with_adapter = _put_adapter(model, start.adapter, is_trainable=plan.is_adapter)
    return with_adapter if plan.is_adapter else with_adapter.merge_and_unload()


def load_kept_model(data_folder: Path, kept: ModelOnDisk, *, device: str = "cpu", dtype: str = "auto") -> Any:
    """Return a kept model, ready to answer; an adapter stands on its base model."""
    start = start_of_model(data_folder, kept)
    model = _load_base(start, None, dtype=dtype, device=device)
    if start.adapter:
        model = _put_adapter(model, start.adapter, is_trainable=False)
    return model.to(device).eval()


def load_kept_tokenizer(kept: ModelOnDisk) -> Any:
    """Return the tokenizer of a kept model, with the chat template that it was trained with."""
    return load_tokenizer(Start(str(kept.folder)))


def lora_settings(plan: TrainingPlan) -> Any:
    """Return the settings of a new adapter, as PEFT has them."""
    from peft import LoraConfig

    return LoraConfig(
        r=plan.lora_rank,
        lora_alpha=plan.lora_alpha,
        lora_dropout=plan.lora_dropout,
        target_modules=list(plan.lora_targets) or "all-linear",
        task_type="CAUSAL_LM",
        bias="none",
    )


def _load_base(start: Start, plan: TrainingPlan | None, *, dtype: str, device: str) -> Any:
    from transformers import AutoModelForCausalLM

    settings: dict[str, Any] = {"dtype": dtype, "use_safetensors": True, **_SAFE}
    if plan is not None and plan.tuning == "qlora":
        settings |= {"quantization_config": _four_bits(), "device_map": {"": _own_device(device)}}
    if plan is not None and plan.packing:
        settings["attn_implementation"] = _flash_attention()
    with _said_in_words(start.base):
        model, found = AutoModelForCausalLM.from_pretrained(
            start.base, revision=start.revision or None, output_loading_info=True, **settings
        )
    if missing := sorted(found["missing_keys"]):  # transformers would make them up
        raise SettingError(
            f"Weights of {start.base!r} are missing: {missing[0]}, and {len(missing) - 1:,} more.",
            "Fetch the model again, or choose another one.",
        )
    return model


def _put_adapter(model: Any, folder: str, *, is_trainable: bool) -> Any:
    from peft import PeftModel

    with _said_in_words(folder):
        return PeftModel.from_pretrained(model, folder, is_trainable=is_trainable)


def _four_bits() -> Any:
    import importlib.util

    if importlib.util.find_spec("bitsandbytes") is None:
        raise MissingPackageError(
            "qlora needs the package bitsandbytes, which is not installed.",
            "pip install bitsandbytes, on a machine with a GPU; or choose lora.",
        )
    import torch
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def _own_device(device: str) -> Any:
    import torch

    return torch.cuda.current_device() if device == "cuda" else device


def _flash_attention() -> str:
    import importlib.util

    if importlib.util.find_spec("flash_attn") is None:
        raise MissingPackageError(
            "Packing needs the package flash-attn: without it, examples in one row would see each other.",
            "pip install flash-attn, on a machine with a GPU; or turn packing off.",
        )
    return "flash_attention_2"


@contextmanager
def _said_in_words(name: str) -> Iterator[None]:
    """Turn what loading may raise into what happened and the way out."""
    try:
        yield
    except (MemoryError, XlamError):
        raise
    except Exception as error:  # whatever a folder or the hub brings
        if class_of_error(error) in ("out of memory", "disk"):
            raise
        raise _in_words(name, error) from error


def _in_words(name: str, error: Exception) -> XlamError:
    """Say what an error of the libraries means; they wrap the hub's own errors in more general ones."""
    if is_folder_name(name) and named_folder(name) is None:
        return NotFoundError(
            f"There is no folder {name}: the model was deleted or moved.",
            "Put it back (`models restore`), then resume the run; or name another one.",
        )
    kinds = {type(each).__name__ for each in _chain(error)}
    if "GatedRepoError" in kinds:
        return SettingError(
            f"The model {name!r} is gated: its owners give access to those who ask.",
            f"Ask at https://huggingface.co/{name}, then set HF_TOKEN.",
        )
    if kinds & {"RepositoryNotFoundError", "RevisionNotFoundError"}:
        return SettingError(
            f"There is no model {name!r} of this revision on the hub, or it is private.",
            "See how its name and revision are written; for a private one set HF_TOKEN.",
        )
    if kinds & {
        "ConnectionError",
        "ConnectError",
        "ConnectTimeout",
        "LocalEntryNotFoundError",
        "TimeoutError",
    }:
        return HubUnavailableError(
            f"The hub cannot be reached, and {name!r} is not on this machine.", "Name a folder, or try later."
        )
    said = str(error) if isinstance(error, OSError | ValueError) else f"{type(error).__name__}: {error}"
    first = next((line.strip() for line in said.splitlines() if line.strip()), type(error).__name__)[:300]
    return SettingError(
        f"No model can be loaded from {name!r}: {first}",
        "Name a folder with a model (config.json, *.safetensors, tokenizer.json), or one on the hub.",
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
