"""Every page runs, through the router, on an empty store and on the demo data."""

from __future__ import annotations

import pytest

PAGES = {
    "": "Overview",
    "import_data": "Import",
    "rejects": "Rejects",
    "explore": "Explore",
    "errors": "Errors",
    "tools": "Tools",
    "checks": "Checks",
    "trajectory": "Trajectory",
    "runs": "Runs",
    "review/people": "People",
    "review/judges": "Judges",
}


@pytest.mark.parametrize(("page", "title"), PAGES.items())
def test_page_runs_on_an_empty_store(pages, page, title):
    assert pages.open(page) == title
    assert "xs-error" not in pages.html


@pytest.mark.parametrize(("page", "title"), PAGES.items())
def test_page_runs_on_the_demo_data(demo_pages, page, title):
    assert demo_pages.open(page) == title
    assert "xs-error" not in demo_pages.html


def test_pages_on_disk_are_the_pages_in_the_router(root):
    on_disk = {path.stem for path in (root / "pages" / "data").glob("*.py")}
    assert on_disk == {page or "overview" for page in PAGES if "/" not in page}


def test_no_script_stands_directly_beside_the_router(root):
    # Streamlit would take app.py's folder `pages` for pages of its older kind: see app.py.
    assert [path.name for path in (root / "pages").glob("*.py")] == ["router.py"]
