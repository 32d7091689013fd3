"""Mixture and Releases: a recipe is begun, changed, frozen; the release is looked at and put away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.activities.freeze_run import start_freeze
from xlam_backend.activities.manager import wait_for_run
from xlam_backend.mixture.preview import preview_mixture
from xlam_backend.mixture.recipe_text import read_recipe
from xlam_backend.mixture.recipes import list_recipes, save_recipe
from xlam_backend.owner.app import app_store
from xlam_backend.releases.reading import list_releases, read_rows

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALL = "name: all\nrules:\n  licence_unknown: leave out\nsources:\n- name: everything\n"


@pytest.fixture
def frozen(demo_store):
    """A release of the demo data."""
    save_recipe(demo_store, ALL, person=A_RESEARCHER, now=NOW)
    run_id = start_freeze(demo_store, "all", person=A_RESEARCHER, now=NOW)
    assert wait_for_run(demo_store, run_id).state == "succeeded"
    return list_releases(demo_store.folder)[0]


def widget(widgets, name):
    """The widget of the recipe's form that has this name."""
    (found,) = [one for one in widgets if (one.key or "").endswith(f"_{name}")]
    return found


def test_an_empty_store_says_what_to_do(pages):
    assert pages.open("shape/mixture") == "Mixture"
    assert "There is nothing to mix yet." in pages.words
    assert pages.open("shape/releases") == "Releases"
    assert "There is no release yet." in pages.words


def test_a_preset_is_begun_changed_and_saved(demo_pages, demo_store):
    demo_pages.open("shape/mixture")
    demo_pages.button("xLAM-fc").click().run()
    assert demo_pages.title == "Mixture"
    rows = demo_pages.fact("rows")
    assert rows > 0
    assert "(rule licence_unknown)" in demo_pages.words
    assert demo_pages.app.button(key="freeze_recipe").disabled
    widget(demo_pages.app.selectbox, "rule_licence_unknown").set_value("leave out").run()
    assert "refused by the rule" not in demo_pages.words
    widget(demo_pages.app.number_input, "share_0").set_value(90.0).run()
    assert "the shares add up to 140 %, which is over 100 %" in demo_pages.words
    widget(demo_pages.app.number_input, "share_0").set_value(250.0).run()
    assert "synthetic function calling: a share is above 0 %" in demo_pages.words
    assert "line " not in demo_pages.html.partition("This recipe cannot be used.")[2]
    widget(demo_pages.app.number_input, "share_0").set_value(50.0).run()
    assert 0 < demo_pages.fact("rows") <= rows
    demo_pages.app.button(key="save_recipe").click().run()
    assert "Saved as version 2." in demo_pages.words
    assert [(one.name, one.version) for one in list_recipes(app_store())] == [("xlam-fc", 2)]


def test_a_fault_in_the_text_is_named_with_its_line(demo_pages, demo_store):
    save_recipe(demo_store, ALL, person=A_RESEARCHER, now=NOW)
    demo_pages.open("shape/mixture", recipe="all")
    demo_pages.app.segmented_control(key="mixture_as").set_value("text").run()
    demo_pages.app.text_area[0].set_value("name: all\nsources:\n- name: a\n  shar: 20 %\n").run()
    assert "line 4: there is no key 'shar' here; did you mean 'share'?" in demo_pages.words
    demo_pages.app.text_area[0].set_value(ALL).run()
    assert demo_pages.fact("rows") == preview_mixture(demo_store, read_recipe(ALL)).row_count


def test_a_row_that_is_left_out_is_listed_with_its_reason(demo_pages, demo_store):
    save_recipe(demo_store, ALL, person=A_RESEARCHER, now=NOW)
    counts = preview_mixture(demo_store, read_recipe(ALL)).left_out
    (total,) = [count.row_count for count in counts if count.name == "a check rejects it"]
    assert 25 < total < 50
    demo_pages.open("shape/mixture", recipe="all", reason="a check rejects it", page="2")
    assert f"{total} rows" in demo_pages.words
    assert demo_pages.html.count("trajectory?id=") == total - 25


def test_a_release_shows_its_rows_and_where_they_come_from(demo_pages, demo_store, frozen):
    row = next(read_rows(frozen.folder))
    demo_pages.open("shape/releases")
    assert frozen.release_id[:12] in demo_pages.words
    demo_pages.open("shape/releases", release=frozen.release_id, row=row.row_id)
    assert demo_pages.fact("rows") == frozen.manifest.row_count
    assert f"{row.lineage[0].facts['file']}, line {row.lineage[0].facts['line']}" in demo_pages.words
    assert f"trajectory?id={row.trajectory_id}" in demo_pages.html
    assert f"training_lens?id={row.trajectory_id}" in demo_pages.html
    demo_pages.app.button(key="verify_release").click().run()
    assert "all 3 files are what they were" in demo_pages.words
    damaged = frozen.folder / "part-00000.parquet"
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes() + b"x")
    demo_pages.app.button(key="verify_release").click().run()
    assert "This release is damaged." in demo_pages.words


def test_a_release_is_put_away_only_when_its_id_is_typed(demo_pages, demo_store, frozen):
    demo_pages.open("shape/releases", release=frozen.release_id)
    release_id = frozen.release_id
    demo_pages.app.button(key=f"archive_{release_id}").click().run()
    assert "is not the beginning of the id" in demo_pages.words
    demo_pages.app.text_input(key=f"confirm_{release_id}").set_value(release_id[:12])
    demo_pages.app.button(key=f"archive_{release_id}").click().run()
    assert list_releases(demo_store.folder) == []
    (kept,) = list_releases(demo_store.folder, with_archived=True)
    assert kept.is_archived
