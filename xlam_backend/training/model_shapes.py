"""The shape of a model: what its parameters can be counted from, without loading it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.settings import named_folder

CONFIG = "config.json"
_LARGEST = 10**8  # layers, tokens, or how wide
# The linear layers of a decoder, as transformers names them.
ATTENTION_LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj")
MLP_LAYERS = ("gate_proj", "up_proj", "down_proj")


class ModelShape(msgspec.Struct, frozen=True, kw_only=True):
    """A decoder of the Llama family; with `experts` above 1 a mixture of experts like Mixtral.

    intermediate   how wide the feed-forward part is; of each expert, where there are several
    active_experts how many experts read a token
    head_size      0: hidden / heads
    is_tied        the output layer is the table of embeddings
    context        how many positions it was made for; 0: not known
    """

    name: str
    hidden: int
    intermediate: int
    layers: int
    heads: int
    kv_heads: int
    vocabulary: int
    experts: int = 1
    active_experts: int = 1
    head_size: int = 0
    is_tied: bool = False
    context: int = 0

    @property
    def is_mixture(self) -> bool:
        """Whether it is a mixture of experts."""
        return self.experts > 1

    @property
    def query_width(self) -> int:
        """Return how wide the queries of all heads are together."""
        return self.heads * (self.head_size or self.hidden // self.heads)

    @property
    def key_width(self) -> int:
        """Return how wide the keys, and the values, of all heads are together."""
        return self.kv_heads * (self.head_size or self.hidden // self.heads)

    @property
    def embedding_count(self) -> int:
        """Return the parameters of the embeddings and of the output layer."""
        return self.vocabulary * self.hidden * (1 if self.is_tied else 2)

    @property
    def layer_linear_count(self) -> int:
        """Return the parameters of the linear layers of one block: what 4-bit loading makes small."""
        return self._attention_count + self.experts * 3 * self.hidden * self.intermediate + self._router_count

    @property
    def layer_count(self) -> int:
        """Return the parameters of one block."""
        return self.layer_linear_count + 2 * self.hidden

    @property
    def parameter_count(self) -> int:
        """Return all parameters.

        >>> mixtral = KNOWN_SHAPES["mistralai/Mixtral-8x7B-Instruct-v0.1"]
        >>> round(mixtral.parameter_count / 1e9, 2)
        46.7
        """
        return self.layers * self.layer_count + self.embedding_count + self.hidden

    @property
    def active_count(self) -> int:
        """Return the parameters that read one token; embeddings are looked up, not multiplied."""
        idle = (self.experts - self.active_experts) * 3 * self.hidden * self.intermediate
        return self.layers * (self.layer_linear_count - idle) + self.vocabulary * self.hidden

    @property
    def expert_count(self) -> int:
        """Return the parameters of all experts; 0 where it is no mixture."""
        return self.layers * self.experts * 3 * self.hidden * self.intermediate if self.is_mixture else 0

    @property
    def _attention_count(self) -> int:
        return 2 * self.hidden * (self.query_width + self.key_width)

    @property
    def _router_count(self) -> int:
        return self.hidden * self.experts if self.is_mixture else 0

    def adapter_count(self, rank: int, targets: tuple[str, ...] = ()) -> int:
        """Return the parameters of an adapter; without targets it sits on every linear layer it can.

        The experts of a mixture are one fused tensor, no linear layers: an adapter leaves them out
        unless it names them.
        """
        sizes = {
            "q_proj": self.hidden + self.query_width,
            "k_proj": self.hidden + self.key_width,
            "v_proj": self.hidden + self.key_width,
            "o_proj": self.query_width + self.hidden,
        }
        per_mlp = self.experts * (self.hidden + self.intermediate)
        sizes |= dict.fromkeys(MLP_LAYERS, per_mlp)
        usual = ATTENTION_LAYERS if self.is_mixture else (*ATTENTION_LAYERS, *MLP_LAYERS)
        wanted = [name for name in targets or usual if name in sizes]
        return self.layers * rank * sum(sizes[name] for name in wanted)


# The base models of the paper (config.json of each repository), and the sizes that people try first.
KNOWN_SHAPES: Mapping[str, ModelShape] = {
    shape.name: shape
    for shape in (
        ModelShape(
            name="deepseek-ai/deepseek-coder-1.3b-instruct",
            hidden=2048,
            intermediate=5504,
            layers=24,
            heads=16,
            kv_heads=16,
            vocabulary=32_256,
            context=16_384,
        ),
        ModelShape(
            name="deepseek-ai/deepseek-coder-7b-instruct-v1.5",
            hidden=4096,
            intermediate=11_008,
            layers=30,
            heads=32,
            kv_heads=32,
            vocabulary=102_400,
            context=4096,
        ),
        ModelShape(
            name="mistralai/Mistral-7B-Instruct-v0.2",
            hidden=4096,
            intermediate=14_336,
            layers=32,
            heads=32,
            kv_heads=8,
            vocabulary=32_000,
            context=32_768,
        ),
        ModelShape(
            name="mistralai/Mixtral-8x7B-Instruct-v0.1",
            hidden=4096,
            intermediate=14_336,
            layers=32,
            heads=32,
            kv_heads=8,
            vocabulary=32_000,
            experts=8,
            active_experts=2,
            context=32_768,
        ),
        ModelShape(
            name="mistralai/Mixtral-8x22B-Instruct-v0.1",
            hidden=6144,
            intermediate=16_384,
            layers=56,
            heads=48,
            kv_heads=8,
            vocabulary=32_768,
            experts=8,
            active_experts=2,
            context=65_536,
        ),
    )
}


def shape_of_config(name: str, config: Mapping[str, Any]) -> ModelShape | None:
    """Return the shape that a config.json tells; None where it is no decoder of this family."""
    try:
        heads = _size(config["num_attention_heads"])
        return ModelShape(
            name=name,
            hidden=_size(config["hidden_size"]),
            intermediate=_size(config.get("moe_intermediate_size") or config["intermediate_size"]),
            layers=_size(config["num_hidden_layers"]),
            heads=heads,
            kv_heads=_size(config.get("num_key_value_heads") or heads),
            vocabulary=_size(config["vocab_size"]),
            experts=_number(config, "num_local_experts", "num_experts") or 1,
            active_experts=_number(config, "num_experts_per_tok") or 1,
            head_size=_number(config, "head_dim"),
            is_tied=bool(config.get("tie_word_embeddings", False)),
            context=_number(config, "max_position_embeddings"),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _number(config: Mapping[str, Any], *names: str) -> int:
    return next((_size(config[name]) for name in names if config.get(name)), 0)


def _size(value: Any) -> int:
    """Return a size; ValueError where no model can have it."""
    size = int(value)
    if not 0 < size <= _LARGEST:
        raise ValueError(f"{size} is no size of a model")
    return size


def read_config(folder: Path) -> dict[str, Any] | None:
    """Return the config.json of a model's folder; None where there is none that can be read."""
    try:
        return msgspec.json.decode((folder / CONFIG).read_bytes(), type=dict[str, Any])
    except (OSError, UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        return None


def find_shape(base_model: str, *, revision: str = "") -> ModelShape | None:
    """Return the shape of a model in a folder, in the hub's cache on this machine, or of a known one."""
    if folder := named_folder(base_model):
        config = read_config(folder)
        return shape_of_config(base_model, config) if config else None
    cached = cached_folder(base_model, revision)
    if cached and (config := read_config(cached)) and (shape := shape_of_config(base_model, config)):
        return shape
    return KNOWN_SHAPES.get(base_model)


def cached_folder(base_model: str, revision: str = "") -> Path | None:
    """Return where the hub's cache on this machine keeps a model; None where it does not."""
    place = hub_cache() / f"models--{base_model.replace('/', '--')}"
    named = place / "refs" / (revision or "main")
    try:
        commit = named.read_text(encoding="ascii").strip() if named.is_file() else revision
    except (OSError, UnicodeDecodeError):
        return None
    folder = place / "snapshots" / commit
    return folder if commit and folder.is_dir() else None


def hub_cache() -> Path:
    """Return the hub's cache on this machine, where the hub's own variables put it."""
    given = os.environ.get("HF_HUB_CACHE", "")
    home = os.environ.get("HF_HOME", "") or str(Path.home() / ".cache" / "huggingface")
    return Path(given or Path(home) / "hub").expanduser()
