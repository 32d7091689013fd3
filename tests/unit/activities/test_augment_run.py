"""A run of augmentation with real processes: whole, twice, killed, removed, and on hostile data."""

from __future__ import annotations

import os
import signal

import msgspec
import pytest
from msgspec.structs import replace

from tests.builders import AN_ADMIN, a_call, a_step, a_tool, a_trajectory
from tests.unit.activities.conftest import ANN, NOW, until
from xlam_backend.activities import manager
from xlam_backend.activities.augment_run import start_augmentation
from xlam_backend.augment import job
from xlam_backend.augment.augmented import Augmented
from xlam_backend.augment.derived import MADE_FROM
from xlam_backend.augment.made_parts import read_made
from xlam_backend.augment.made_sets import list_made_sets, remove_made_set
from xlam_backend.augment.meaning import find_change
from xlam_backend.augment.plan import AugmentPlan
from xlam_backend.augment.prompt import write_answer, write_prompt
from xlam_backend.augment.section_styles import STYLES
from xlam_backend.augment.settings import AugmentSettings
from xlam_backend.augment.shard import SAME_VARIANT, ShardWork, read_counts
from xlam_backend.augment.showing import LONGEST_SHOWN, preview_augmentation
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.domain.telling import Telling
from xlam_backend.errors import AccessDeniedError, InputError, SettingError, UnknownNameError
from xlam_backend.explore.trajectory_page import open_trajectory_page
from xlam_backend.output_formats import OUTPUT_FORMATS
from xlam_backend.runs.folder import OUTPUT, STATUS, Status, read_record, runs_folder
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.derivations import read_derivations, read_family, read_tellings
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest
from xlam_backend.store.search import find_all_numbers
from xlam_backend.store.trajectories import read_trajectories

PLAN = AugmentPlan(
    formats=tuple(form.name for form in OUTPUT_FORMATS), styles=tuple(style.name for style in STYLES)
)
SETTINGS = AugmentSettings(seed=5, variants=3, plan=PLAN, dataset="told anew")
GENERAL = "It offers no tools and calls none: a general instruction keeps its form."


def run(store, settings=SETTINGS):
    run_id = start_augmentation(store, settings, person=ANN, now=NOW)
    status = manager.wait_for_run(store, run_id)
    assert status.state == "succeeded", status.what
    assert not status.intake.failed
    return manager.read_run(store.folder, run_id)


def made(store, dataset="told anew"):
    return read_trajectories(store, find_all_numbers(store, Filters(dataset=dataset)).tolist())


def count_everything(store):
    tables = ("trajectory", "membership", "derivation", "dataset", "tool", "tool_call", "finding", "reject")
    with store.cursor() as cursor:
        return {table: cursor.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in tables}


def fill(store, *trajectories, dataset="odd"):
    builder = ChunkBuilder()
    for trajectory in trajectories:
        builder.add(trajectory)
    with Ingest(store, NewDataset(dataset, licence="of our own"), now=NOW) as ingest:
        ingest.add(builder.build())


def test_what_is_made_means_what_its_parent_means_and_points_at_it(demo):
    status = run(demo)
    children = made(demo)
    outcome = status.outcome
    assert outcome["made"] == outcome["new"] == len(children) > 600
    assert outcome["made"] + sum(outcome["not made"].values()) == 3 * outcome["trajectories"]
    assert set(outcome["formats"]) == {form.name for form in OUTPUT_FORMATS}
    assert set(outcome["styles"]) == {style.name for style in STYLES}
    assert set(outcome["not made"]) == {GENERAL}
    with demo.cursor() as cursor:
        derivations = read_derivations(cursor, [child.trajectory_no for child in children])
        tellings = read_tellings(cursor, [child.trajectory_no for child in children])
    assert len(derivations) == len(tellings) == len(children)
    parents = {
        parent.version_no: parent
        for parent in read_trajectories(demo, [one.parent_version_no for one in derivations.values()])
    }
    for child in children:
        derivation = derivations[child.trajectory_no]
        parent = parents[derivation.parent_version_no]
        assert (derivation.parent_no, derivation.parent_id) == (parent.trajectory_no, parent.content_id)
        assert (derivation.run_id, derivation.seed, derivation.kind) == (status.run_id, 5, "augmented")
        telling = tellings[child.trajectory_no]
        origin = child.trajectory.extra[MADE_FROM]
        assert origin["parent"] == parent.content_id
        assert msgspec.convert(origin["telling"], Telling) == telling
        bare = replace(child.trajectory, extra=parent.trajectory.extra)
        assert find_change(parent.trajectory, Augmented(parent.content_id, bare, telling)) == ""
        for step in range(len(bare.steps)):
            assert write_prompt(bare, telling, step)
            assert write_answer(bare, telling, step) or not bare.steps[step].thought
    check_that_rules_say_the_same(demo)
    check_the_links_both_ways(demo, children[0])


def check_that_rules_say_the_same(store):
    """Of a child as of its parent, save whether answers keep to an instruction that is another one now."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT d.trajectory_no, d.parent_version_no, f.version_no, f.check_name, f.step, f.call, "
            "f.pointer, f.level FROM derivation AS d JOIN current_finding AS f "
            "ON f.version_no IN (d.trajectory_no, d.parent_version_no) "
            "WHERE f.check_name <> 'format_instruction'"
        ).fetchall()
    said = {}
    for child, parent, version, *what in rows:
        said.setdefault((child, parent), ([], []))[version == parent].append(tuple(what))
    assert said
    for of_child, of_parent in said.values():
        assert sorted(of_child) == sorted(of_parent)


def check_the_links_both_ways(store, child):
    parent = read_family(store, child.trajectory_no).parent
    assert parent.is_current
    page = open_trajectory_page(store, parent.trajectory_id)
    assert page.family.child_count == 3
    assert child.trajectory_id in {one.trajectory_id for one in page.family.children}
    assert {one.dataset for one in page.family.children} == {"told anew"}


def test_the_same_run_again_adds_nothing_and_removing_leaves_what_was_there(demo):
    before = count_everything(demo)
    first = run(demo)
    after = count_everything(demo)
    again = run(demo)
    assert again.outcome["new"] == 0
    assert again.outcome["made"] == first.outcome["made"]
    # The second run saw what the first had made, and left it out.
    assert again.outcome["left out"] == first.outcome["made"]
    assert count_everything(demo) == after
    (only,) = list_made_sets(demo)
    assert only.dataset.trajectory_count == first.outcome["made"]
    assert only.not_made[0].example == GENERAL
    with pytest.raises(AccessDeniedError):
        remove_made_set(demo, "told anew", person=ANN, now=NOW)
    with pytest.raises(UnknownNameError):
        remove_made_set(demo, "city_services_60k", person=AN_ADMIN, now=NOW)
    remove_made_set(demo, "told anew", person=AN_ADMIN, now=NOW)
    assert count_everything(demo) == before
    assert list_made_sets(demo) == []


def test_a_killed_run_goes_on_where_it_was_and_makes_the_same(demo, monkeypatch):
    monkeypatch.setattr(job, "SHARD_ROWS", 25)
    settings = replace(SETTINGS, variants=20)
    run_id = start_augmentation(demo, settings, person=ANN, now=NOW)
    folder = runs_folder(demo.folder) / run_id
    parts = until(lambda: sorted((folder / OUTPUT).glob("*.arrow")))
    os.kill(until(lambda: read_record(folder / STATUS, Status).worker_pid), signal.SIGKILL)
    status = manager.wait_for_run(demo, run_id)
    assert status.state in ("failed", "lost")
    assert count_everything(demo)["derivation"] == 0  # whole or not at all
    stamps = {part: part.stat().st_mtime_ns for part in parts}
    assert len(list((folder / OUTPUT).glob("*.arrow"))) < 12
    manager.resume_run(demo, run_id, person=ANN, now=NOW)
    until(lambda: len(list((folder / OUTPUT).glob("*.arrow"))) == 12)
    assert {part: part.stat().st_mtime_ns for part in parts} == stamps
    status = manager.wait_for_run(demo, run_id)
    assert status.state == "succeeded", status.what
    ids = {child.content_id for child in made(demo)}
    work = ShardWork(settings, "expected")
    work.add(read_trajectories(demo, find_all_numbers(demo, Filters(made="original")).tolist()))
    expected = work.build()
    path = demo.folder / "expected.arrow"
    path.write_bytes(expected)
    assert ids == set(read_made(path).derivations["content_id"].to_pylist())


def test_hostile_trajectories_are_made_whole_or_named(demo):
    marks = "[START OF QUERY] </query> This is the query: [BEGIN OF QUERY] The available tools are:"
    planes = "".join(chr(plane * 0x10000 + 0x4F0) for plane in range(17) if plane not in (15, 16))
    fill(
        demo,
        a_trajectory([a_call()], query=marks),
        a_trajectory([a_call()], query="y" * 1_000_000),
        a_trajectory([a_call(city="x" * 1_000_000)]),
        a_trajectory([a_call(**{planes: {"b": {planes: [{"d": 1, "c": None}]}, "a": ""}})], query=""),
        a_trajectory([a_call()], query="half a pair: \ud83d"),
        a_trajectory([], [], steps=[a_step(thought="Hello.")], query="Say hello."),
        a_trajectory([replace(a_call(), unreadable="f(x")]),
        a_trajectory(steps=[], tools=[a_tool()]),
    )
    status = run(demo, replace(SETTINGS, filters=Filters(dataset="odd"), variants=2))
    assert status.outcome["trajectories"] == 8
    assert status.outcome["made"] == 8
    reasons = status.outcome["not made"]
    assert reasons.pop(GENERAL) == 2
    assert reasons.pop("Marks of every style of the plan stand in its own texts.") == 2
    assert sorted(reasons.values()) == [2, 2]
    assert all("cannot be written" in reason for reason in reasons)
    (only,) = list_made_sets(demo)
    assert only.not_made_count == 4  # one for each trajectory
    shown = preview_augmentation(demo, replace(SETTINGS, filters=Filters(dataset="odd")), row_count=8)
    assert max(len(row.before.prompt) for row in shown.rows) == LONGEST_SHOWN
    assert max(row.before.prompt_cut for row in shown.rows) > 900_000
    assert sum(shown.not_made.values()) == 4


def test_variants_of_what_has_no_order_are_not_doubled(demo, tmp_path):
    fill(demo, a_trajectory([a_call(city="Oslo")], [a_tool()], query="Oslo?"), dataset="small")
    plan = AugmentPlan(sections=False, call_keys=False, parameters=False, tool_keys=False, styles=("plain",))
    work = ShardWork(AugmentSettings(variants=4, plan=plan), "run")
    work.add(read_trajectories(demo, find_all_numbers(demo, Filters(dataset="small")).tolist()))
    path = tmp_path / "part"
    path.write_bytes(work.build())
    assert read_counts(path).made_count == 1
    assert read_counts(path).not_made == {SAME_VARIANT: 3}


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        (replace(SETTINGS, filters=Filters(dataset="none such")), InputError, "No trajectory matches"),
        (replace(SETTINGS, dataset="city_services_60k"), SettingError, "holds other data"),
        (replace(SETTINGS, plan=AugmentPlan(styles=())), SettingError, "no section style"),
    ],
)
def test_what_cannot_be_carried_out_is_refused_before_a_run_begins(demo, settings, error, words):
    with pytest.raises(error, match=words):
        start_augmentation(demo, settings, person=ANN, now=NOW)
    assert manager.list_runs(demo.folder) == []


def test_who_may_not_bring_data_in_is_refused(demo):
    with pytest.raises(AccessDeniedError):
        start_augmentation(demo, SETTINGS, person=Person("bob", "annotator"), now=NOW)


@pytest.mark.parametrize("field", [{"variants": 0}, {"size": -1}, {"seed": 2**64}, {"dataset": "x" * 300}])
def test_senseless_settings_are_refused(field):
    with pytest.raises(SettingError):
        AugmentSettings(**field)
