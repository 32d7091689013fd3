"""Every format on real public data: all rows are written or refused with a reason, and come back equal."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import msgspec
import pyarrow.parquet as pq
import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.trajectory import Observation, Step, ToolCall
from xlam_backend.exports import EXPORT_FORMATS
from xlam_backend.exports.export import export_rows
from xlam_backend.exports.plan import ExportPlan
from xlam_backend.exports.writing import places_of
from xlam_backend.formats.chat import observation_text
from xlam_backend.formats.tool_forms import as_json_schema
from xlam_backend.importers.container import Limits
from xlam_backend.importers.pipeline import import_source, read_source
from xlam_backend.importers.plan import plan_import
from xlam_backend.store.connection import Store
from xlam_backend.store.search import find_all_numbers
from xlam_backend.store.trajectories import read_trajectories

pytestmark = pytest.mark.shared_data

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SOURCES = (
    "raw/glaive/glaive_toolcall_en_demo.json",
    "raw/openai_chat_logs/functionary",
    "raw/openai_chat_logs/llamafactory/reason_tool_use_demo_50.jsonl",
    "raw/toolace/zaego123_converted/sharegpt_func_fixed.json",
    "raw/toolalpaca/data/eval_simulated.json",
    "raw/xlam_60k/hammer_masking/masking_sft_data_example.json",
)
FORMATS = [form for form in EXPORT_FORMATS if form.subject == "trajectory" and not form.needs_tokenizer]


@pytest.fixture(scope="module")
def store(shared_data, tmp_path_factory):
    """A store with conversations, chats and single calls of six public sets."""
    opened = Store.open(tmp_path_factory.mktemp("real") / "store")
    for number, source in enumerate(SOURCES):
        import_source(opened, shared_data / source, dataset=f"set{number}", now=NOW, person=A_RESEARCHER)
    yield opened
    opened.close()


def export(store, form, target):
    return export_rows(store, ExportPlan(form), target, person=A_RESEARCHER, now=NOW)


def count(store):
    return len(find_all_numbers(store, Filters()))


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_every_row_is_written_or_listed(store, form, tmp_path):
    target = tmp_path / f"all{form.endings[-1]}"
    report = export(store, form.name, target)
    refused = [json.loads(line) for line in read_lines(places_of(target).refused)]
    assert len(refused) == sum(report.refused.values())
    if not form.is_per_step:
        assert report.trajectory_count + len(refused) == count(store)
    assert record_count(target) == report.record_count > 0
    card = places_of(target).card.read_text()
    assert all(f"| {number:,} |" in card for number in report.refused.values())
    assert report.sha256 in card


def read_lines(path):
    return path.read_text().splitlines() if path.exists() else []


def record_count(target):
    if target.suffix == ".parquet":
        return pq.ParquetFile(target).metadata.num_rows
    written = target.read_bytes()
    return len((gzip.decompress(written) if target.suffix == ".gz" else written).splitlines())


@pytest.mark.parametrize("ending", [".jsonl.gz", ".parquet"])
@pytest.mark.parametrize("form", ["unified_1", "unified_2"])
def test_unified_files_bring_nothing_new(store, form, ending, tmp_path):
    target = tmp_path / f"all{ending}"
    report = export(store, form, target)
    before = count(store)
    again = import_source(store, target, dataset=f"again {form}{ending}", now=NOW, person=A_RESEARCHER)
    assert again.importer == form
    assert (again.kept_count, again.new_count, again.rejected_count) == (report.record_count, 0, 0)
    assert count(store) == before == report.record_count


def as_chat_holds_it(trajectory, *, is_sharegpt):
    """The trajectory without what the format says it leaves out."""
    steps = tuple(
        Step(
            step.thought,
            tuple(ToolCall(c.name, c.arguments, "" if is_sharegpt else c.call_id) for c in step.tool_calls),
            tuple(
                Observation(
                    observation_text(o.content),
                    "" if is_sharegpt else o.call_id,
                    "" if is_sharegpt else o.name,
                )
                for o in step.observations
            ),
            step.user_input,
        )
        for step in trajectory.steps
    )
    tools = tuple(Tool(tool.name, tool.description, as_json_schema(tool)) for tool in trajectory.tools)
    return msgspec.structs.replace(trajectory, steps=steps, tools=tools, extra={})


@pytest.mark.parametrize(("form", "importer"), [("trl_sft", "openai_chat"), ("sharegpt", "sharegpt_tools")])
def test_chats_come_back_equal(store, form, importer, tmp_path):
    target = tmp_path / "all.jsonl"
    report = export(store, form, target)
    assert plan_import(target, None, Limits()).importer.name == importer
    read = [kept.trajectory for _, results in read_source(target) for kept in results]
    assert len(read) == report.record_count
    stored = read_trajectories(store, find_all_numbers(store, Filters()).tolist())
    wanted = [as_chat_holds_it(one.trajectory, is_sharegpt=form == "sharegpt") for one in stored]
    found = {msgspec.json.encode(one) for one in read}
    assert found <= {msgspec.json.encode(one) for one in wanted}
