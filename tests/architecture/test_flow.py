"""The map keeps its word: stages read what earlier ones write, and have a command and a page."""

from __future__ import annotations

import re

import pytest

from tests.processes import ROOT
from xlam_backend.cli import VERBS
from xlam_backend.flow import BESIDE_THE_STAGES, STAGES, flow_diagram

MIGRATIONS = ROOT / "xlam_backend" / "store" / "migrations"


def tables():
    sql = "\n".join(file.read_text(encoding="utf-8") for file in MIGRATIONS.glob("*.sql"))
    return set(re.findall(r"CREATE TABLE (\w+)", sql))


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_stage_reads_only_what_an_earlier_stage_or_one_that_leads_back_to_it_writes(stage):
    before = [
        *STAGES[: STAGES.index(stage)],
        *(other for other in STAGES if other.leads_back_to == stage.name),
    ]
    written = {table for other in before for table in other.writes}
    assert set(stage.reads) <= written


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_stage_has_a_command_and_a_page(stage):
    assert stage.verb in VERBS
    assert (ROOT / stage.page).is_file()


@pytest.mark.parametrize(
    "stage", [stage for stage in STAGES if stage.leads_back_to], ids=lambda stage: stage.name
)
def test_a_stage_leads_back_to_one_that_reads_what_it_wrote(stage):
    back = next(other for other in STAGES if other.name == stage.leads_back_to)
    assert STAGES.index(back) < STAGES.index(stage)
    assert set(back.reads) & set(stage.writes)


def test_every_table_is_written_by_a_stage():
    written = {table for stage in STAGES for table in stage.writes}
    assert written | set(BESIDE_THE_STAGES) == tables()


def test_the_readme_shows_the_map():
    assert f"```mermaid\n{flow_diagram()}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")
