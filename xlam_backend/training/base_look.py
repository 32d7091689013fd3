"""Looks for a base model: on this machine, in the hub's cache, on the hub; gated, missing, out of reach.

`look_for_base` runs in the tokenizers' process: it imports the hub's client, and may wait for a network.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from xlam_backend.settings import is_folder_name, named_folder
from xlam_backend.training.model_shapes import CONFIG, ModelShape, cached_folder, read_config, shape_of_config

BaseState = Literal["here", "on the hub", "gated", "missing", "unreachable", "no weights", "damaged"]
_PATIENCE_SECONDS = 10
_WEIGHTS = ".safetensors"  # others are programs, which are never run


class BaseLook(msgspec.Struct, frozen=True):
    """What was found.

    download_bytes  how much would have to be fetched first
    words           what the hub said, in short; of damaged weights the file
    """

    state: BaseState
    shape: ModelShape | None = None
    download_bytes: int = 0
    words: str = ""


class BaseName(msgspec.Struct, frozen=True):
    """A base model: a folder, or a name on the hub with its revision."""

    name: str
    revision: str = ""


def look_for_base(base: BaseName) -> BaseLook:
    """Say whether a base model can be had."""
    if folder := named_folder(base.name):
        return _look_at_folder(base.name, folder)
    if is_folder_name(base.name):
        return BaseLook("missing", words="there is no such folder")
    cached = cached_folder(base.name, base.revision)
    if cached is not None:
        look = _look_at_folder(base.name, cached)
        if look.state == "here":
            return look
    return _look_at_hub(base)


def _look_at_folder(name: str, folder: Path) -> BaseLook:
    config = read_config(folder)
    if config is None:
        return BaseLook("missing", words=f"the folder has no {CONFIG} that can be read")
    shape = shape_of_config(name, config)
    weights = [path for path in sorted(folder.iterdir()) if path.suffix == _WEIGHTS and path.is_file()]
    if damaged := next((path.name for path in weights if not _is_whole(path)), ""):
        return BaseLook("damaged", shape, words=damaged)
    return BaseLook("here" if weights else "no weights", shape)


def _is_whole(path: Path) -> bool:
    """Tell whether a safetensors file is what its own head says; its tensors are not read."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy"):
            return True
    except (OSError, SafetensorError):
        return False


def _look_at_hub(base: BaseName) -> BaseLook:
    from huggingface_hub import HfApi
    from huggingface_hub import errors as hub

    api = HfApi()
    try:
        info = api.model_info(
            base.name, revision=base.revision or None, timeout=_PATIENCE_SECONDS, files_metadata=True
        )
        if info.gated:
            api.auth_check(base.name)
    except hub.GatedRepoError:
        return BaseLook("gated")
    except (hub.RepositoryNotFoundError, hub.RevisionNotFoundError, hub.HFValidationError) as error:
        return BaseLook("missing", words=_first_line(error))
    except Exception as error:  # noqa: BLE001 - no network, a proxy, a hub that is down: all the same here
        return BaseLook("unreachable", words=_first_line(error))
    sizes = [file.size or 0 for file in info.siblings or () if file.rfilename.endswith(_WEIGHTS)]
    shape = _shape_on_hub(base)
    return BaseLook("on the hub" if sizes else "no weights", shape, sum(sizes))


def _shape_on_hub(base: BaseName) -> ModelShape | None:
    from huggingface_hub import hf_hub_download

    try:
        file = hf_hub_download(base.name, CONFIG, revision=base.revision or None)
    except Exception:  # noqa: BLE001 - without its shape a model can be trained all the same
        return None
    config: dict[str, Any] | None = read_config(Path(file).parent)
    return shape_of_config(base.name, config) if config else None


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[
        :200
    ]
