"""Journey 6 in one window: train, stop, go on, evaluate, see the score, find the data behind a failure."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serve
from tests.builders import A_RESEARCHER
from xlam_backend.activities.corrupt_run import start_corruptions
from xlam_backend.activities.freeze_run import start_freeze
from xlam_backend.activities.manager import wait_for_run
from xlam_backend.circle import CIRCLE_MIXTURE
from xlam_backend.domain.filters import Filters
from xlam_backend.mixture.recipe_text import write_recipe
from xlam_backend.mixture.recipes import save_recipe
from xlam_backend.preference.plan import CorruptionPlan
from xlam_backend.store.connection import Store

pytestmark = [pytest.mark.browser, pytest.mark.timeout(500)]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUN_MS = 180_000
# Few steps of a very small model: the way is walked, not the score.
SMALL = {"tiny_layers": 1, "tiny_hidden": 32, "most_rows": 64, "eval_rows": 2, "warmup_steps": 2}


@pytest.fixture(scope="module")
def released_studio(root, demo_template, tmp_path_factory):
    """The folder and address of an app whose store has a release and planted pairs."""
    folder = tmp_path_factory.mktemp("served") / "store"
    shutil.copytree(demo_template, folder)
    store = Store.open(folder)
    with_tools = CIRCLE_MIXTURE.sources[1]
    recipe = type(CIRCLE_MIXTURE)(name="demo", sources=(with_tools,), rules=CIRCLE_MIXTURE.rules)
    save_recipe(store, write_recipe(recipe), person=A_RESEARCHER, now=NOW)
    wait_for_run(store, start_freeze(store, "demo", person=A_RESEARCHER, now=NOW))
    plan = CorruptionPlan(filters=Filters(offers="tools", level="clean"), seed=1)
    wait_for_run(store, start_corruptions(store, plan, person=A_RESEARCHER, now=NOW))
    store.close()
    with serve(root, folder) as address:
        yield folder, address


def put_together(window, *, settings, **chosen):
    """Choose what is learnt by its address, and wait until the check has found that it can start."""
    window.go("/train?" + urlencode({"recipe": "tiny", **chosen, "set": json.dumps(settings)}), "Train")
    expect(window.page.get_by_text("it can start")).to_be_visible(timeout=RUN_MS)


def learn_with_a_break(window):
    """Start, watch the loss, stop with a checkpoint, resume; returns the name of the model."""
    page = window.page
    page.get_by_role("button", name="Start training").click()
    window.wait_for("Training")
    expect(page.get_by_text(re.compile(r"step \d+ of")).first).to_be_visible(timeout=RUN_MS)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=RUN_MS)
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile(r"Goes on after step \d+"))).to_be_visible(timeout=RUN_MS)
    resume = page.get_by_role("button", name="Resume")
    resume.click()
    expect(resume).to_have_count(0)
    run = page.url.partition("?")[2]
    window.go("/training", "Training")  # the list draws no charts while the model learns
    expect(page.get_by_text("✔ done")).to_be_visible(timeout=RUN_MS)
    window.go(f"/training?{run}", "Training")
    link = page.get_by_test_id("stMain").get_by_role("link", name=re.compile("The model "))
    return re.search(r"The model (\S+)", link.inner_text()).group(1)


def evaluate(window, model):
    """Have the model answer two questions of each category; wait for its score."""
    page = window.page
    window.go(f"/evaluate?{urlencode({'model': model})}", "Evaluate")
    most = page.get_by_role("spinbutton", name="Of each, the first")
    most.fill("2")
    most.press("Enter")
    page.get_by_role("button", name=re.compile(r"Ask 10 questions")).click()
    expect(page.get_by_text(re.compile(r"^\d+\sof\s10$"))).to_be_visible(timeout=RUN_MS)
    window.settle()


def send_nearest_samples_to_review(window):
    """From the first failure to the rows nearest to it, and those to a queue."""
    page = window.page
    window.go("/failures", "Failures")
    window.click_row(1)
    window.settle()
    expect(page.get_by_text("What is allowed")).to_be_visible()
    nearest = page.get_by_role("button", name="Training samples nearest to it")
    window.press(nearest, lambda limit: page.wait_for_url(re.compile("show=data"), timeout=limit))
    window.settle()
    expect(page.locator(".xs-records tbody tr").first).to_be_visible()
    page.get_by_role("button", name="Send to review").click()
    expect(page.get_by_text("the queue is drawn")).to_be_visible()


def scores_on_the_page(window):
    """The leaderboard as the page hands it out."""
    window.go("/leaderboard", "Leaderboard")
    below = window.page.get_by_test_id("stDownloadButton").get_by_role("button", name="Download as CSV")
    return window.download(below).path().read_text()


def scores_on_the_command_line(root, folder, file):
    """The leaderboard as a command writes it, asked of the app that holds the store."""
    command = [sys.executable, "-m", "xlam_backend", "leaderboard", "show", "--to", str(file)]
    subprocess.run(command, cwd=root, env={**os.environ, "XLAM_DATA_DIR": str(folder)}, check=True)
    return file.read_text()


def test_from_a_release_to_a_failure_and_the_data_behind_it(root, released_studio, screen, tmp_path):
    folder, address = released_studio
    window = screen(address)
    window.open("/releases", "Releases")
    put_together(window, settings={**SMALL, "max_steps": 80, "max_length": 400})
    for words in ("longer than 400 tokens", "not learnt whole"):
        expect(window.page.get_by_text(words)).to_be_visible()
    model = learn_with_a_break(window)
    put_together(window, method="dpo", start_from=model, settings={"most_rows": 32})
    evaluate(window, model)
    told = scores_on_the_page(window)
    assert model in told
    assert scores_on_the_command_line(root, folder, tmp_path / "scores.csv") == told
    send_nearest_samples_to_review(window)
    assert window.foreign_requests == []
