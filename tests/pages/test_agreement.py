"""Agreement and Calibration show what the backend counts, and lead to the items behind it."""

from __future__ import annotations

import re
import shutil

import pytest

from benchmarks.reviewed_store import review_small_store
from tests.builders import A_RESEARCHER
from tests.pages.conftest import Pages
from xlam_backend.owner.app import app_store
from xlam_backend.review.agreement import read_agreement
from xlam_backend.review.agreement_items import read_agreement_items
from xlam_backend.review.calibration import Voice, read_calibration, read_calibration_detail
from xlam_backend.statistics.estimate import show_value
from xlam_backend.statistics.intervals import show_share
from xlam_backend.store.connection import Store


@pytest.fixture(scope="module")
def reviewed_template(demo_template, tmp_path_factory):
    """A folder with reviewed demo data; copy it, do not open it."""
    folder = tmp_path_factory.mktemp("reviewed") / "store"
    shutil.copytree(demo_template, folder)
    store = Store.open(folder)
    review_small_store(store)
    store.close()
    return folder


@pytest.fixture
def reviewed_pages(reviewed_template, data_folder, root):
    """The app with reviewed demo data."""
    shutil.copytree(reviewed_template, data_folder)
    return Pages(root)


@pytest.mark.parametrize(("page", "title"), [("agreement", "Agreement"), ("calibration", "Calibration")])
def test_without_answers_the_pages_say_what_to_do(demo_pages, page, title):
    assert demo_pages.open(f"review/{page}") == title
    assert "Nobody has answered anything yet." in demo_pages.words
    assert "Draw a queue" in demo_pages.words


def test_agreement_shows_what_the_backend_counts(reviewed_pages):
    assert reviewed_pages.open("review/agreement") == "Agreement"
    report = read_agreement(app_store())
    assert reviewed_pages.fact("answers to this question") == report.overall.verdict_count
    assert reviewed_pages.fact("items with two answers or more") == report.overall.shared_count
    words = reviewed_pages.words
    assert f"{show_value(report.overall.alpha)} Krippendorff's alpha" in words
    # A check whose few answers are all equal has no alpha, and says so.
    assert "undefined everyone gave the same answer" in words


def test_the_url_chooses_queue_check_and_question(reviewed_pages):
    reviewed_pages.open("review/agreement", queue="3", check="step_quality", question="rating")
    report = read_agreement(app_store(), 3, "step_quality", "rating")
    assert report.question.name == "rating"
    assert "How good is it, 1 to 5?" in reviewed_pages.words
    assert reviewed_pages.fact("answers to this question") == report.overall.verdict_count


def test_items_lead_to_the_desk(reviewed_pages):
    reviewed_pages.open("review/agreement", show="differ", person="ann", other="bob")
    found = read_agreement_items(app_store(), which="differ", people=("ann", "bob"), viewer=A_RESEARCHER)
    assert f"{found.total:,} items where the answers differ" in reviewed_pages.words
    assert f"desk?item={found.shown[0].item_no}" in reviewed_pages.html


def test_calibration_lists_every_judge_with_its_precision(reviewed_pages):
    assert reviewed_pages.open("review/calibration") == "Calibration"
    words = reviewed_pages.words
    for calibration in read_calibration(app_store()):
        if calibration.kind == "rating":
            assert f"prompt {calibration.voice.prompt_version}" in words
            assert show_share(calibration.quality.precision) in words
    assert "not a real judgement" in words


def test_a_judge_in_detail(reviewed_pages):
    voice = Voice("step_quality", "scripted-1", 1)
    reviewed_pages.open("review/calibration", check=voice.name, model=voice.model, prompt="1")
    detail = read_calibration_detail(app_store(), voice)
    words = reviewed_pages.words
    assert "not a real judgement" in words
    assert f"{detail.calibration.settled_count:,} items settled" in words
    assert show_share(detail.calibration.quality.precision) in words
    assert f"Best F1: flag scores up to {detail.suggestions[0].line.threshold:g}." in words
    for suggestion in detail.suggestions:
        line = suggestion.line
        told = (
            f"flag scores up to {line.threshold:g}." if line else f"because {suggestion.undefined_because}."
        )
        assert told in words
    assert "Rank correlation of length" in words


def test_the_line_in_the_url_is_the_line_on_the_slider(reviewed_pages):
    params = {"check": "step_quality", "model": "scripted-1", "prompt": "1"}
    reviewed_pages.open("review/calibration", **params, line="1.5")
    assert reviewed_pages.app.select_slider[0].value == 1.5
    reviewed_pages.app.select_slider[0].set_value(2.5).run()
    assert not reviewed_pages.app.exception
    assert reviewed_pages.app.query_params["line"] == "2.5"


def test_two_prompt_versions_are_compared(reviewed_pages):
    params = {"check": "argument_hallucination", "model": "scripted-1", "prompt": "1"}
    reviewed_pages.open("review/calibration", **params, second="argument_hallucination\nscripted-1\n2")
    words = reviewed_pages.words
    assert "settled places that both judged" in words
    assert "p, McNemar (mid-p)" in words


def test_a_url_that_names_nobody_is_answered(reviewed_pages):
    reviewed_pages.open("review/calibration", check="<b>nobody</b>", prompt="x", line="y", show="z")
    assert "Nobody has answered an item of this check or judge." in reviewed_pages.words
    reviewed_pages.open("review/calibration", queue="99")
    assert "Undefined for all: nothing is settled yet." in reviewed_pages.words
    reviewed_pages.open("review/agreement", queue="99", question="nothing", show="nothing")
    assert "Nobody has answered any of these." in reviewed_pages.words


def test_items_are_listed_a_page_at_a_time(reviewed_pages):
    total = read_agreement_items(app_store(), viewer=A_RESEARCHER).total
    assert total > 50
    for page in ("1", "2"):
        assert reviewed_pages.open("review/agreement", page=page) == "Agreement"
        assert len(re.findall('href="desk[?]item=', reviewed_pages.html)) == 25
