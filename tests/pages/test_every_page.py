"""Every page of the router runs: on an empty store, on the demo data, and with a senseless address."""

from __future__ import annotations

import pytest

from pages.parts import routes
from tests.hostile import ADDRESS_NAMES, CORPUS
from tests.pages.conftest import data_to_look_at
from tests.routed_pages import routed_scripts

demo_data = data_to_look_at
TITLES = {
    routes.OVERVIEW: "Overview",
    routes.RUNS: "Runs",
    routes.IMPORT: "Import",
    routes.REJECTS: "Rejects",
    routes.EXPLORE: "Explore",
    routes.ERRORS: "Errors",
    routes.TOOLS: "Tools",
    routes.CHECKS: "Checks",
    routes.TRAJECTORY: "Trajectory",
    routes.JUDGES: "Judges",
    routes.PROMPTS: "Prompts",
    routes.RESPONSES: "Responses",
    routes.QUEUES: "Queues",
    routes.DESK: "Review desk",
    routes.ADJUDICATION: "Adjudication",
    routes.AGREEMENT: "Agreement",
    routes.CALIBRATION: "Calibration",
    routes.PEOPLE: "People",
    routes.PREFERENCES: "Preference pairs",
    routes.TRAINING_LENS: "Training lens",
    routes.EXPORTS: "Exports",
    routes.NEAR_DUPLICATES: "Near-duplicates",
    routes.AUGMENT: "Augmentation",
    routes.CONTAMINATION: "Contamination",
    routes.CATEGORIES: "General instruction",
    routes.MIXTURE: "Mixture",
    routes.RELEASES: "Releases",
    routes.EVALUATE: "Evaluate",
    routes.EVALUATION: "Evaluation",
    routes.FAILURES: "Failures",
    routes.TRAIN: "Train",
    routes.TRAINING: "Training",
    routes.MODELS: "Models",
    routes.ABLATIONS: "Ablations",
    routes.LEADERBOARD: "Leaderboard",
}
PAGES = [pytest.param(page.removesuffix(".py"), title, id=title) for page, title in TITLES.items()]


@pytest.mark.parametrize(("page", "title"), PAGES)
def test_page_runs_on_an_empty_store(pages, page, title):
    assert pages.open(page) == title
    assert "xs-error" not in pages.html


@pytest.mark.parametrize(("page", "title"), PAGES)
def test_page_runs_on_the_demo_data(demo_pages, page, title):
    assert demo_pages.open(page) == title
    assert "xs-error" not in demo_pages.html


@pytest.mark.parametrize(("page", "title"), PAGES)
def test_a_senseless_address_breaks_no_page(demo_pages, page, title):
    for text in ("-1", "9" * 30, CORPUS["attribute breaker"]):
        assert demo_pages.open(page, **dict.fromkeys(ADDRESS_NAMES, text)) == title


def test_pages_on_disk_are_the_pages_looked_at(root):
    folders = (path for path in (root / "pages").iterdir() if path.is_dir() and path.name != "parts")
    on_disk = {f"{folder.name}/{path.name}" for folder in folders for path in folder.glob("*.py")}
    assert on_disk == set(TITLES)
    assert set(routed_scripts()) == on_disk


def test_no_script_stands_directly_beside_the_router(root):
    # Streamlit would take app.py's folder `pages` for pages of its older kind: see app.py.
    assert [path.name for path in (root / "pages").glob("*.py")] == ["router.py"]
