"""What a training run is to do: every setting, its bounds, and one line that says what it is for.

Settings are described where they stand (`msgspec.Meta`), so that recipes, forms, commands and refusals use
the same words: `describe_settings()` lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast, get_args

import msgspec
from msgspec import Meta

from xlam_backend.errors import SettingError
from xlam_backend.preference.selection import PairSelection

Method = Literal["sft", "dpo"]
Tuning = Literal["full", "lora", "qlora"]
Template = Literal["studio", "model"]
ExampleOf = Literal["trajectory", "step"]
TooLong = Literal["drop", "cut"]
Scheduler = Literal["cosine", "linear", "constant"]
Precision = Literal["auto", "bf16", "fp16", "fp32"]
Device = Literal["auto", "cpu", "cuda"]
Sharding = Literal["none", "fsdp"]
DpoLoss = Literal["sigmoid", "hinge", "ipo", "robust", "sppo_hard", "nca_pair"]
Reporter = Literal["tensorboard", "wandb"]

TINY = "tiny"  # the base model that is built from scratch, so that anybody can see the whole circle work

MOST = 1_000_000_000  # rows or steps: more is a slip of the hand

METHODS: tuple[Method, ...] = get_args(Method)
TUNINGS: tuple[Tuning, ...] = get_args(Tuning)


class TrainingPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything a training run is told. Each setting's line stands in its `Meta`."""

    # What is made, of what
    name: Annotated[
        str,
        Meta(max_length=80, description="What the trained model is to be called; made up when empty."),
    ] = ""
    recipe: Annotated[
        str, Meta(description="The training recipe these settings come from; for the record.")
    ] = ""
    recipe_version: Annotated[int, Meta(ge=0, description="Its version; 0 for a packaged recipe.")] = 0
    note: Annotated[str, Meta(max_length=500, description="Why it is made, in the person's own words.")] = ""
    method: Annotated[
        Method,
        Meta(description="sft learns answers; dpo learns to prefer the chosen answer to the rejected."),
    ] = "sft"
    tuning: Annotated[
        Tuning,
        Meta(description="full trains every weight; lora an adapter; qlora an adapter on a base in 4 bits."),
    ] = "full"
    base_model: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=1000,
            description="A model on the hub, a folder, or 'tiny': a small model built from scratch.",
        ),
    ] = TINY
    revision: Annotated[
        str, Meta(description="The commit or tag of a model on the hub; its newest when empty.")
    ] = ""
    start_from: Annotated[
        str,
        Meta(
            description="Begin with other weights than the base model's: the name of a kept model, or "
            "RUN/checkpoint-N of another run. A new run: steps and schedule begin anew."
        ),
    ] = ""

    # Data
    release: Annotated[
        str, Meta(description="The release that is learnt (sft): its id, or the first six letters or more.")
    ] = ""
    pairs: Annotated[PairSelection, Meta(description="Which preference pairs are learnt (dpo).")] = (
        PairSelection()
    )
    most_rows: Annotated[
        int, Meta(ge=0, le=MOST, description="Take only so many rows, the first ones; 0: all.")
    ] = 0
    template: Annotated[
        Template,
        Meta(
            description="studio writes conversations with our own chat template; model with the model's own."
        ),
    ] = "studio"
    example_of: Annotated[
        ExampleOf,
        Meta(
            description="trajectory: one example holds a whole conversation, every answer is learnt; step: "
            "each answer is an example of its own."
        ),
    ] = "trajectory"
    with_thoughts: Annotated[
        bool, Meta(description="Whether what the agent thought beside its calls is learnt too.")
    ] = True
    max_length: Annotated[int, Meta(ge=16, le=1_048_576, description="The context in tokens.")] = 4096
    too_long: Annotated[
        TooLong,
        Meta(
            description="What becomes of a longer example: drop leaves it out, cut keeps its beginning (sft)."
        ),
    ] = "drop"
    packing: Annotated[
        bool,
        Meta(description="Put short examples into one row, kept apart (sft, with flash attention)."),
    ] = False
    by_length: Annotated[
        bool,
        Meta(description="Put examples of like length into one batch: less is filled up, so it is faster."),
    ] = False
    eval_rows: Annotated[
        int,
        Meta(
            ge=0,
            le=MOST,
            description="Hold so many rows out of training, drawn by the seed, to measure the loss on.",
        ),
    ] = 0

    # How it is learnt
    epochs: Annotated[float, Meta(gt=0, le=1000, description="How often every example is seen.")] = 1.0
    max_steps: Annotated[
        int, Meta(ge=0, le=MOST, description="Stop after so many steps; 0: after the epochs.")
    ] = 0
    batch_size: Annotated[int, Meta(ge=1, le=4096, description="Examples on one device at a time.")] = 1
    accumulation: Annotated[
        int, Meta(ge=1, le=65536, description="Batches whose gradients are added up before a step.")
    ] = 1
    learning_rate: Annotated[float, Meta(gt=0, le=1, description="The highest learning rate.")] = 5e-6
    scheduler: Annotated[Scheduler, Meta(description="How the learning rate falls after the warm-up.")] = (
        "cosine"
    )
    warmup_steps: Annotated[
        int, Meta(ge=0, le=MOST, description="Steps over which the learning rate rises from 0.")
    ] = 100
    weight_decay: Annotated[float, Meta(ge=0, le=1, description="Weight decay of AdamW.")] = 0.0
    max_grad_norm: Annotated[
        float, Meta(ge=0, le=1e6, description="Gradients are clipped to this norm; 0: never.")
    ] = 1.0
    adam_beta1: Annotated[float, Meta(ge=0, lt=1, description="AdamW's first beta.")] = 0.9
    adam_beta2: Annotated[float, Meta(ge=0, lt=1, description="AdamW's second beta.")] = 0.999
    neftune_noise: Annotated[
        float, Meta(ge=0, le=1000, description="Noise on the embeddings (NEFTune, sft); 0: none.")
    ] = 0.0
    seed: Annotated[
        int,
        Meta(
            ge=0,
            lt=2**31,
            description="Decides the order, dropout and new weights; a process adds its number.",
        ),
    ] = 0

    # Adapters
    lora_rank: Annotated[int, Meta(ge=1, le=4096, description="The rank r of the adapter.")] = 32
    lora_alpha: Annotated[float, Meta(gt=0, le=1e6, description="The adapter counts alpha / r times.")] = 64.0
    lora_dropout: Annotated[float, Meta(ge=0, lt=1, description="Dropout before the adapter.")] = 0.05
    lora_targets: Annotated[
        tuple[str, ...], Meta(description="The layers that get an adapter; all linear ones when empty.")
    ] = ()

    # Preferences
    dpo_beta: Annotated[
        float, Meta(gt=0, le=1000, description="How strongly the model is held to the reference.")
    ] = 0.1
    dpo_loss: Annotated[DpoLoss, Meta(description="The loss on pairs.")] = "sigmoid"
    dpo_label_smoothing: Annotated[
        float, Meta(ge=0, lt=0.5, description="The share of pairs that may be the wrong way round.")
    ] = 0.0

    # Where it runs
    device: Annotated[Device, Meta(description="auto takes the GPUs there are, else the processor.")] = "auto"
    devices: Annotated[
        int, Meta(ge=0, le=1024, description="How many devices of this machine; 0: all GPUs.")
    ] = 0
    sharding: Annotated[
        Sharding, Meta(description="fsdp divides weights among the devices; none keeps them whole on each.")
    ] = "none"
    offload: Annotated[bool, Meta(description="Keep what fsdp divides in the machine's memory (slow).")] = (
        False
    )
    precision: Annotated[
        Precision, Meta(description="auto: bf16 where the GPU can, else fp32; weights of lora follow it.")
    ] = "auto"
    gradient_checkpointing: Annotated[
        bool, Meta(description="Compute activations anew on the way back: less memory, about a third slower.")
    ] = False

    # Watching and keeping
    log_steps: Annotated[int, Meta(ge=1, le=MOST, description="Tell the loss every so many steps.")] = 1
    save_steps: Annotated[int, Meta(ge=1, le=MOST, description="A checkpoint every so many steps.")] = 200
    keep_checkpoints: Annotated[int, Meta(ge=1, le=1000, description="How many checkpoints are kept.")] = 2
    eval_steps: Annotated[
        int, Meta(ge=1, le=MOST, description="Measure the held-out rows every so many steps.")
    ] = 100
    sample_count: Annotated[
        int,
        Meta(ge=0, le=50, description="Answers to held-out rows that are written down at each measuring."),
    ] = 2
    sample_tokens: Annotated[int, Meta(ge=1, le=4096, description="How long such an answer may become.")] = 96
    report_to: Annotated[
        tuple[Reporter, ...], Meta(description="Send the figures to TensorBoard files or to W&B as well.")
    ] = ()

    # The tiny model
    tiny_layers: Annotated[int, Meta(ge=1, le=24, description="Layers of the tiny model.")] = 2
    tiny_hidden: Annotated[
        int,
        Meta(ge=16, le=1024, multiple_of=16, description="Width of the tiny model; its heads are 16 wide."),
    ] = 64
    tiny_vocabulary: Annotated[
        int, Meta(ge=320, le=32_768, description="Tokens of the tiny model; they are learnt from the data.")
    ] = 960

    @property
    def effective_batch(self) -> int:
        """Examples that one device sees between two steps."""
        return self.batch_size * self.accumulation

    @property
    def is_adapter(self) -> bool:
        """Whether an adapter is trained, not the whole model."""
        return self.tuning != "full"

    def __post_init__(self) -> None:
        """Refuse what does not fit together."""
        if self.method == "dpo" and self.packing:
            raise SettingError("Pairs cannot be packed.", "Turn packing off, or choose sft.")
        if self.method == "dpo" and self.too_long == "cut":
            raise SettingError(
                "A pair is not cut: its sides would no longer differ where they should.",
                "Choose too_long: drop.",
            )
        if self.tuning == "qlora" and self.base_model == TINY:
            raise SettingError("The tiny model is not trained in 4 bits.", "Choose lora or full.")


class Setting(msgspec.Struct, frozen=True):
    """One setting as a form shows it; `choices` is empty where any value of its kind may stand."""

    name: str
    words: str
    default: Any
    choices: tuple[str, ...] = ()


def describe_settings() -> tuple[Setting, ...]:
    """List every setting of a plan with its line, its default and its choices, in their order."""
    told = []
    for field in cast(msgspec.inspect.StructType, msgspec.inspect.type_info(TrainingPlan)).fields:
        kind, words = field.type, ""
        if isinstance(kind, msgspec.inspect.Metadata):
            words = (kind.extra_json_schema or {}).get("description", "")
            kind = kind.type
        choices = tuple(kind.values) if isinstance(kind, msgspec.inspect.LiteralType) else ()
        told.append(Setting(field.name, words, field.default, tuple(str(each) for each in choices)))
    return tuple(told)


def read_plan(values: Mapping[str, Any]) -> TrainingPlan:
    """Return the plan that these values make; what is not named keeps its default.

    Raises:
        SettingError: a setting is unknown, out of its bounds, or does not fit another one.
    """
    known = TrainingPlan.__struct_fields__
    if unknown := sorted(set(values) - set(known)):
        raise SettingError(
            f"A training run has no setting {unknown[0]!r}.", "`train settings` lists all of them."
        )
    try:
        return msgspec.convert(dict(values), TrainingPlan)
    except msgspec.ValidationError as error:
        raise SettingError(
            f"These settings cannot be used: {error}.", "`train settings` says what can."
        ) from error


def write_plan(plan: TrainingPlan) -> dict[str, Any]:
    """Return a plan as plain values; what has its default is left out."""
    made: dict[str, Any] = msgspec.to_builtins(plan)
    return made
