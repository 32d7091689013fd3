"""The card of a model that leaves this machine: what it is, learnt and scored, with nothing made up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import yaml

from xlam_backend.domain.kept_model import KeptModel
from xlam_backend.domain.markdown_text import code_lines, plain_text, table_lines
from xlam_backend.domain.model_name import portable_name
from xlam_backend.errors import XlamError
from xlam_backend.releases.manifest import Manifest
from xlam_backend.training.model_shelf import ModelScore
from xlam_backend.training.plan import TINY, TrainingPlan, read_plan

_METHODS = {
    "sft": "supervised fine-tuning",
    "dpo": "direct preference optimisation",
    "merge": "a merged adapter",
}
_SCRIPTED = " (answered by a scripted model, no real score)"
# Where something lay on this machine, or what was sent elsewhere: nobody else's business.
_NOT_TOLD = frozenset({"note", "report_to", "start_from"})


class CardFacts(msgspec.Struct, frozen=True):
    """All that a card tells of: the model, the release it learnt (None: pairs, or gone), scores, licence."""

    model: KeptModel
    release: Manifest | None
    scores: tuple[ModelScore, ...]
    licence: str = ""


def write_model_card(facts: CardFacts) -> str:
    """Return the card as Markdown, with the header that the Hugging Face hub reads."""
    parts = (
        _header(facts),
        _summary(facts),
        _use(facts),
        _data(facts),
        _settings(facts),
        _scores(facts.scores),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _header(facts: CardFacts) -> Iterator[str]:
    model = facts.model
    told: dict[str, Any] = {
        "library_name": "peft" if model.is_adapter else "transformers",
        "pipeline_tag": "text-generation",
        "license": facts.licence or "other",
    }
    if _is_on_hub(model.base_model):
        told["base_model"] = model.base_model
        told["base_model_relation"] = "adapter" if model.is_adapter else "finetune"
    how = plan_of(model)
    told["tags"] = ["function-calling", "tool-use", "trl", how.method if how else model.method]
    if index := _model_index(facts):
        told["model-index"] = index
    yield from ("---", *yaml.safe_dump(told, sort_keys=False, allow_unicode=True).splitlines(), "---", "")


def _model_index(facts: CardFacts) -> list[dict[str, Any]]:
    results = [
        {
            "task": {"type": "text-generation", "name": "function calling"},
            "dataset": {"name": f"{score.question_set} ({score.version})", "type": "bfcl"},
            "metrics": [{"type": "accuracy", "name": _score_name(score), "value": _percent(score)}],
        }
        for score in facts.scores
        if score.of_run is not None and not score.is_scripted
    ]
    return [{"name": facts.model.name, "results": results}] if results else []


def _summary(facts: CardFacts) -> Iterator[str]:
    model, plan = facts.model, plan_of(facts.model)
    yield from (f"# {plain_text(model.name)}", "")
    base = "a small model built from scratch" if model.base_model == TINY else portable_name(model.base_model)
    what = "An adapter for" if model.is_adapter else "A model made from"
    yield f"{what} {plain_text(base)}, trained to call tools: {_METHODS[model.method]}"
    yield from ("(" + (f"{plan.tuning}, " if plan else "") + f"{model.step_count:,} steps).", "")
    if model.is_scripted:
        yield from ("**It learnt, among others, what a scripted model for trying out has written.**", "")
    rows = [
        ("parameters", f"{model.parameter_count:,}"),
        ("of them trained", f"{model.trained_count:,}"),
        ("began with", model.parent or base),
        ("examples", f"{model.example_count:,}"),
        ("loss of the last step", _number(model.loss)),
        ("loss on rows held out", _number(model.eval_loss)),
        ("made", model.made_at.strftime("%Y-%m-%d")),
    ]
    yield from table_lines(("what", "value"), rows)


def _use(facts: CardFacts) -> Iterator[str]:
    yield from ("## How to use it", "")
    yield "The chat template is saved with the tokenizer. Tools are JSON schemas, arguments are objects."
    yield ""
    if facts.model.is_adapter:
        load = "from peft import AutoPeftModelForCausalLM as Model"
    else:
        load = "from transformers import AutoModelForCausalLM as Model"
    code = f"""from transformers import AutoTokenizer
{load}

folder = "."
tokenizer = AutoTokenizer.from_pretrained(folder)
model = Model.from_pretrained(folder)
messages = [{{"role": "user", "content": "What is the weather in Oslo?"}}]
tools = [{{"type": "function", "function": {{"name": "get_weather", "description": "Weather of a city",
          "parameters": {{"type": "object", "properties": {{"city": {{"type": "string"}}}}}}}}}}]
text = tokenizer.apply_chat_template(messages, tools=tools, add_generation_prompt=True, return_tensors="pt",
                                     return_dict=True)
print(tokenizer.decode(model.generate(**text, max_new_tokens=128)[0, text["input_ids"].shape[1]:]))"""
    yield from code_lines(code, "python")


def _data(facts: CardFacts) -> Iterator[str]:
    model, release = facts.model, facts.release
    yield from ("## What it learnt", "")
    if release is None:
        what = (
            "Preference pairs" if not model.release_id else f"The release {model.release_id}, which is gone"
        )
        yield from (f"{what}; SHA-256 of the input: {model.data_hash or 'not known'}.", "")
        return
    size = f"{release.row_count:,} rows, {release.token_count:,} tokens"
    yield f"The release {plain_text(release.name)} ({size})."
    yield from (f"Its id, the hash of all that is in it, is {model.release_id}.", "")
    for title, counts in (("Datasets", release.datasets), ("Licences of the data", release.licences)):
        yield from (f"### {title}", "")
        yield from table_lines(("", "rows"), [(name, f"{count:,}") for name, count in counts.items()])


def _settings(facts: CardFacts) -> Iterator[str]:
    model = facts.model
    yield from ("## How it was trained", "")
    if model.recipe:
        version = f", version {model.recipe_version}" if model.recipe_version else ""
        yield from (f"Training recipe: {plain_text(model.recipe)}{version}.", "")
    told = {name: value for name, value in model.plan.items() if name not in _NOT_TOLD}
    if "base_model" in told:
        told["base_model"] = portable_name(str(told["base_model"]))
    yield from code_lines(yaml.safe_dump(told, sort_keys=False, allow_unicode=True), "yaml")


def _scores(scores: Sequence[ModelScore]) -> Iterator[str]:
    yield from ("## Scores", "")
    if not scores:
        yield from ("It has not been evaluated.", "")
        return
    yield "Accuracy in percent; over what was run with its 95 % interval. No overall without every category."
    yield ""
    rows = [
        (
            score.question_set + (_SCRIPTED if score.is_scripted else ""),
            score.version,
            score.mode,
            _number(score.overall) if score.overall is not None else "not all categories were run",
            ""
            if score.of_run is None
            else f"{score.of_run:.2f} ({_number(score.low)} to {_number(score.high)})",
            f"{score.correct:,} of {score.total:,}",
            score.made_at.strftime("%Y-%m-%d"),
        )
        for score in scores
    ]
    heads = ("questions", "version", "mode", "overall", "of what was run", "right", "when")
    yield from table_lines(heads, rows)


def plan_of(model: KeptModel) -> TrainingPlan | None:
    """Return the settings a model was trained with; None where this version cannot read them."""
    try:
        return read_plan(model.plan) if model.plan else None
    except XlamError:
        return None


def _is_on_hub(base_model: str) -> bool:
    return base_model.count("/") == 1 and not base_model.startswith(("/", "~", "."))


def _score_name(score: ModelScore) -> str:
    return "overall accuracy" if score.overall is not None else "accuracy over the categories run"


def _percent(score: ModelScore) -> float:
    value = score.overall if score.overall is not None else score.of_run
    return round(value or 0.0, 2)


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4g}"
