"""Every call of the public data sets and of the demo data comes back from every format."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from benchmarks.bfcl_gold import read_gold
from tests.processes import ROOT
from xlam_backend.importers.base import Kept
from xlam_backend.importers.pipeline import read_source
from xlam_backend.output_formats import OUTPUT_FORMATS
from xlam_backend.output_formats.answer import answer_of

REAL_FILES = (
    "xlam_60k/derived/xlam_native_format_reconstructed.jsonl",
    "xlam_60k/hammer_masking/masking_sft_data_example.json",
    "glaive/glaive_toolcall_en_demo.json",
    "sealtools/original/dev.jsonl",
    "tau_bench/historical_trajectories/gpt-4o-airline.json",
    "toolalpaca/data/eval_simulated.json",
    "when2call/when2call_test_llm_judge.jsonl",
)

formats = pytest.mark.parametrize("form", OUTPUT_FORMATS, ids=lambda form: form.name)


def readable_answers(path: Path):
    """The answers of a file's steps whose calls could be read."""
    kept = [
        result for _, given in read_source(path, None, ()) for result in given if isinstance(result, Kept)
    ]
    steps = [step for result in kept for step in result.trajectory.steps]
    return [answer_of(step) for step in steps if not any(call.unreadable for call in step.tool_calls)]


def lost_answers(form, answers):
    encode = msgspec.json.encode
    return [answer for answer in answers if encode(form.parse(form.render(answer))) != encode(answer)]


@pytest.fixture(scope="module")
def real_answers(shared_data):
    gold = [answer_of(step) for sample in read_gold(shared_data / "bfcl") for step in sample.trajectory.steps]
    imported = [answer for name in REAL_FILES for answer in readable_answers(shared_data / "raw" / name)]
    assert len(gold) == 2311
    assert len(imported) > 1000
    return gold + imported


@pytest.mark.shared_data
@formats
def test_every_real_answer_comes_back(form, real_answers):
    assert lost_answers(form, real_answers) == []


@formats
def test_every_answer_of_the_demo_data_comes_back(form):
    answers = [
        answer for path in sorted((ROOT / "data" / "samples").glob("*")) for answer in readable_answers(path)
    ]
    assert len(answers) > 50
    assert lost_answers(form, answers) == []
