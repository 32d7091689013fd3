"""Freezing: the same bytes for the same recipe and data, whole or not at all, refused where gates say so."""

from __future__ import annotations

import os
import shutil
import signal
from datetime import UTC, datetime

import msgspec
import pytest

from tests.builders import A_RESEARCHER, AN_ADMIN, a_call, a_trajectory
from tests.unit.activities.conftest import until
from xlam_backend.activities.freeze_run import start_freeze
from xlam_backend.activities.manager import list_runs, read_run, resume_run, wait_for_run
from xlam_backend.errors import AccessDeniedError, InputError, NotFoundError, RunError
from xlam_backend.exports.plan import ExportPlan
from xlam_backend.exports.sources import source_of
from xlam_backend.mixture import freeze
from xlam_backend.mixture.freeze import MixtureRefusedError, make_release, write_job
from xlam_backend.mixture.recipe_text import read_recipe
from xlam_backend.mixture.recipes import open_recipe, save_recipe
from xlam_backend.releases.archive import archive_release
from xlam_backend.releases.comparing import compare_releases
from xlam_backend.releases.keeping import verify_release
from xlam_backend.releases.reading import find_release, find_row, list_releases, read_rows, releases_folder
from xlam_backend.runs.context import WorkerContext
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RECIPE = """
name: two
seed: 3
when_short: take fewer
rules: {licence_unknown: keep}
sources:
- {name: first, share: 75 %, datasets: cities}
- {name: second, share: 25 %, epochs: 2, datasets: towns}
"""


def fill(store, name, cities, licence="mit"):
    """Import one trajectory for each city."""
    builder = ChunkBuilder()
    for line, city in enumerate(cities, 1):
        trajectory = a_trajectory([a_call(city=city)], query=f"What is the weather in {city}?")
        builder.add(trajectory, f"id-{city}", f"{name}.jsonl", line, "")
    builder.record_count = len(builder)
    with Ingest(store, NewDataset(name, licence=licence), now=NOW) as ingest:
        ingest.add(builder.build())


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder)
    yield opened
    opened.close()


def files_of(folder):
    """What lies in the folder of the only release, but for who froze it and when."""
    (release,) = list_releases(folder)
    return {path.name: path.read_bytes() for path in release.folder.iterdir() if path.name != "frozen.json"}


def made_release(store, folder, text):
    """Make the files of a release without a process of its own; returns them by name."""
    for name in ("input", "output", "state"):
        (folder / name).mkdir(parents=True)
    write_job(store, folder / "input", read_recipe(text))
    make_release(WorkerContext(folder, {}, 1), folder / "input", tokenizer=None)
    return {path.name: path.read_bytes() for path in (folder / "output").iterdir()}


def test_the_order_in_which_a_store_was_filled_changes_no_byte(tmp_path, monkeypatch):
    monkeypatch.setattr(freeze, "PART_ROWS", 5)
    monkeypatch.setattr(freeze, "CHUNK_ROWS", 4)
    cities, towns = [f"City {at}" for at in range(12)], [f"Town {at}" for at in range(4)]
    made = []
    for at, order in enumerate((1, -1)):
        one = Store.open(tmp_path / f"store-{at}")
        sets = [("cities", [*cities, "Shared"]), ("towns", ["Shared", *towns])][::order]
        for name, names in sets:
            fill(one, name, names)
        made.append(made_release(one, tmp_path / f"run-{at}", RECIPE))
        one.close()
    first, second = made
    # Lines of the files are the same: only the order of the imports differs.
    assert first.keys() == second.keys() >= {"manifest.json", "README.md", "part-00003.parquet"}
    assert first == second


def test_where_a_tokenizer_lies_does_not_stand_in_a_release(store, tmp_path):
    fill(store, "cities", ["A", "B"])
    made = []
    for at, folder in enumerate(("/home/ann/secret/tok", "/mnt/other/tok/")):
        recipe = read_recipe(f"name: r\ntokenizer: {folder}\nsources:\n- name: x\n")
        place = tmp_path / str(at)
        for name in ("input", "output", "state"):
            (place / name).mkdir(parents=True)
        write_job(store, place / "input", recipe)
        make_release(WorkerContext(place, {}, 1), place / "input", tokenizer=lambda row: 7)
        made.append({path.name: path.read_bytes() for path in (place / "output").iterdir()})
    assert made[0] == made[1]
    assert b"tokenizer: tok" in made[0]["README.md"]
    assert not any(b"secret" in content for content in made[0].values())


def test_a_run_freezes_the_same_release_twice_and_says_where_rows_come_from(store):
    fill(store, "cities", [f"City {at}" for at in range(30)])
    fill(store, "towns", ["Aa", "Bb", "Cc", "Dd"])
    save_recipe(store, RECIPE, person=A_RESEARCHER, now=NOW)
    ids = []
    for _ in range(2):
        run_id = start_freeze(store, "two", person=A_RESEARCHER, now=NOW)
        status = wait_for_run(store, run_id)
        assert (status.state, status.intake.failed) == ("succeeded", {})
        ids.append(status.outcome["release"])
        before = files_of(store.folder)
    assert ids[0] == ids[1]
    assert files_of(store.folder) == before
    (release,) = list_releases(store.folder)
    rows = list(read_rows(release.folder))
    # 8 rows of towns (4, twice) are a quarter: 24 of cities.
    assert [sum(row.source == name for row in rows) for name in ("first", "second")] == [24, 8]
    assert len({row.row_id for row in rows}) == 32
    assert list(read_rows(release.folder, first=30)) == rows[30:]
    twice = find_row(release, next(row.row_id for row in rows if row.row_id.endswith("-2")))
    (step,) = twice.lineage
    assert (step.kind, step.facts["dataset"], step.facts["file"]) == ("raw record", "towns", "towns.jsonl")
    assert verify_release(store.folder, release.release_id).is_whole
    assert release.frozen.person == A_RESEARCHER.name


def test_a_killed_worker_leaves_no_release_and_goes_on_to_the_same_one(store):
    fill(store, "cities", [f"City {at}" for at in range(2_000)])
    fill(store, "towns", ["Aa"])
    save_recipe(store, "name: all\nsources:\n- name: x\n", person=A_RESEARCHER, now=NOW)
    run_id = start_freeze(store, "all", person=A_RESEARCHER, now=NOW)
    until(lambda: read_run(store.folder, run_id).progress is not None)
    status = read_run(store.folder, run_id)
    worker = msgspec.json.decode((store.folder / "runs" / run_id / "status.json").read_bytes())["worker_pid"]
    if status.is_open and worker:
        os.kill(worker, signal.SIGKILL)
    until(lambda: not read_run(store.folder, run_id).is_open)
    assert list_releases(store.folder) == []
    if read_run(store.folder, run_id).state == "failed":
        resume_run(store, run_id, person=A_RESEARCHER, now=NOW)
    assert wait_for_run(store, run_id).state == "succeeded"
    (release,) = list_releases(store.folder)
    assert verify_release(store.folder, release.release_id).is_whole
    assert release.manifest.row_count == 2_001


def test_an_owner_killed_on_the_way_leaves_no_half_release(store, monkeypatch):
    fill(store, "cities", ["A", "B"])
    save_recipe(store, "name: all\nsources:\n- name: x\n", person=A_RESEARCHER, now=NOW)
    run_id = start_freeze(store, "all", person=A_RESEARCHER, now=NOW)
    half = releases_folder(store.folder) / f".making-{run_id}"
    half.mkdir(parents=True)
    (half / "part-00000.parquet").write_bytes(b"half")
    assert list_releases(store.folder) == []
    assert wait_for_run(store, run_id).state == "succeeded"
    assert not half.exists()
    (release,) = list_releases(store.folder)
    assert verify_release(store.folder, release.release_id).is_whole


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: r\nsources:\n- {name: x, datasets: gone}\n", "'gone' of the source 'x' is not in the store"),
        ("name: r\nsources:\n- {name: x, filters: {text: nothing like it}}\n", "The mixture is empty"),
        (
            "name: r\nsize: 100\nsources:\n- {name: x, share: 100 %}\n",
            "x: needs 98 more rows; the store has 2 of the 100 asked for",
        ),
        (
            "name: r\nrules: {not_compared: refuse}\nsources:\n- name: x\n",
            "2 rows are refused: it was never held",
        ),
    ],
)
def test_what_cannot_be_frozen_is_refused_with_words_and_starts_nothing(store, text, words):
    fill(store, "cities", ["A", "B"])
    save_recipe(store, text, person=A_RESEARCHER, now=NOW)
    with pytest.raises(MixtureRefusedError, match=words):
        start_freeze(store, "r", person=A_RESEARCHER, now=NOW)
    assert list_runs(store.folder) == []
    assert list_releases(store.folder, with_archived=True) == []


def test_an_unknown_licence_refuses_until_the_recipe_says_otherwise(store):
    fill(store, "cities", ["A", "B"], licence="our own words")
    text = "name: r\nsources:\n- name: x\n"
    save_recipe(store, text, person=A_RESEARCHER, now=NOW)
    with pytest.raises(MixtureRefusedError, match="licence_unknown"):
        start_freeze(store, "r", person=A_RESEARCHER, now=NOW)
    save_recipe(store, f"{text}rules: {{licence_unknown: keep}}\n", person=A_RESEARCHER, now=NOW)
    run_id = start_freeze(store, "r", person=A_RESEARCHER, now=NOW)
    assert wait_for_run(store, run_id).state == "succeeded"


def test_a_release_is_put_away_by_an_admin_and_comes_back_when_frozen_again(store):
    fill(store, "cities", ["A", "B"])
    save_recipe(store, "name: r\nsources:\n- name: x\n", person=A_RESEARCHER, now=NOW)
    wait_for_run(store, start_freeze(store, "r", person=A_RESEARCHER, now=NOW))
    (release,) = list_releases(store.folder)
    name = release.release_id
    with pytest.raises(AccessDeniedError):
        archive_release(store, name, confirmed=name, because="", person=A_RESEARCHER, now=NOW)
    with pytest.raises(InputError, match="is not the beginning of the id"):
        archive_release(store, name, confirmed="abcdefg", because="", person=AN_ADMIN, now=NOW)
    archive_release(store, name, confirmed=name[:8], because="old", person=AN_ADMIN, now=NOW)
    assert list_releases(store.folder) == []
    assert verify_release(store.folder, name).is_whole
    wait_for_run(store, start_freeze(store, "r", person=A_RESEARCHER, now=NOW))
    assert [one.is_archived for one in list_releases(store.folder, with_archived=True)] == [False]


def test_a_damaged_release_hides_no_other_and_is_not_exported(store):
    fill(store, "cities", ["A", "B"])
    for name in ("one", "two"):
        save_recipe(store, f"name: {name}\nsources:\n- name: x\n", person=A_RESEARCHER, now=NOW)
        wait_for_run(store, start_freeze(store, name, person=A_RESEARCHER, now=NOW))
    first, second = list_releases(store.folder)
    (part,) = first.folder.glob("part-*.parquet")
    part.chmod(0o644)
    part.write_bytes(next(second.folder.glob("part-*.parquet")).read_bytes()[:-1] + b"x")
    with pytest.raises(RunError, match="has other content"):
        source_of(store, ExportPlan("unified_1", origin="release", release=first.release_id))
    manifest = first.folder / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_bytes(b"{")
    assert [one.release_id for one in list_releases(store.folder)] == [second.release_id]
    with pytest.raises(NotFoundError, match="cannot be read"):
        find_release(store.folder, first.release_id)


def test_a_release_that_an_owner_was_killed_over_stands_in_one_place(store):
    fill(store, "cities", ["A", "B"])
    save_recipe(store, "name: r\nsources:\n- name: x\n", person=A_RESEARCHER, now=NOW)
    wait_for_run(store, start_freeze(store, "r", person=A_RESEARCHER, now=NOW))
    (release,) = list_releases(store.folder)
    # Killed after the new one was in its place and before the old one was taken out of the archive.
    shutil.copytree(release.folder, releases_folder(store.folder) / "archived" / release.release_id)
    assert find_release(store.folder, release.release_id[:8]) == release
    wait_for_run(store, start_freeze(store, "r", person=A_RESEARCHER, now=NOW))
    assert list_releases(store.folder, with_archived=True) == [release]
    assert not any((releases_folder(store.folder) / "archived").iterdir())


def test_releases_are_compared_row_by_row(store):
    fill(store, "cities", [f"City {at}" for at in range(10)])
    for count in (4, 6):
        text = f"name: r{count}\nsources:\n- {{name: x, count: {count}}}\n"
        save_recipe(store, text, person=A_RESEARCHER, now=NOW)
        wait_for_run(store, start_freeze(store, f"r{count}", person=A_RESEARCHER, now=NOW))
    by_name = {one.manifest.name: one.release_id for one in list_releases(store.folder)}
    found = compare_releases(store.folder, by_name["r4"], by_name["r6"])
    assert (found.common_rows, found.only_left, found.only_right) == (4, 0, 2)
    assert "-  count: 4" in found.recipe_lines


def test_a_saved_recipe_is_never_overwritten(store):
    first = save_recipe(store, "name: r\nsources:\n- name: x\n", person=A_RESEARCHER, now=NOW)
    again = save_recipe(store, "name: r\nsources:\n- name: x\n", person=A_RESEARCHER, now=NOW)
    later = save_recipe(store, "name: r\nsources:\n- name: y\n", person=A_RESEARCHER, now=NOW)
    assert [one.version for one in (first, again, later)] == [1, 1, 2]
    assert open_recipe(store, "r", 1).sources[0].name == "x"
    assert open_recipe(store, "r").sources[0].name == "y"
