"""Where each page stands, and the ways from one page to another."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts.url_view import View, filter_params, view_params

# Relative to the folder of router.py, as Streamlit wants them.
OVERVIEW = "data/overview.py"
IMPORT = "data/import_data.py"
REJECTS = "data/rejects.py"
EXPLORE = "data/explore.py"
TRAJECTORY = "data/trajectory.py"
ERRORS = "data/errors.py"
TOOLS = "data/tools.py"
CHECKS = "data/checks.py"
RUNS = "data/runs.py"
JUDGES = "review/judges.py"
PROMPTS = "review/prompts.py"
RESPONSES = "review/responses.py"
QUEUES = "review/queues.py"
DESK = "review/desk.py"
ADJUDICATION = "review/adjudication.py"
AGREEMENT = "review/agreement.py"
CALIBRATION = "review/calibration.py"
PEOPLE = "review/people.py"
NEAR_DUPLICATES = "shape/near_duplicates.py"
AUGMENT = "shape/augment.py"
PREFERENCES = "shape/preferences.py"
CONTAMINATION = "shape/contamination.py"
CATEGORIES = "shape/categories.py"
TRAINING_LENS = "shape/training_lens.py"
EXPORTS = "shape/exports.py"
MIXTURE = "shape/mixture.py"
RELEASES = "shape/releases.py"
EVALUATE = "models/evaluate.py"
EVALUATION = "models/evaluation.py"
FAILURES = "models/failures.py"
TRAIN = "models/train.py"
TRAINING = "models/training.py"
MODELS = "models/models.py"
ABLATIONS = "models/ablations.py"
LEADERBOARD = "models/leaderboard.py"


def open_explore(**filters: Any) -> None:
    """Go to the trajectories that match these filters."""
    st.switch_page(EXPLORE, query_params=filter_params(**filters))


def open_trajectory(trajectory_id: str, view: View) -> None:
    """Go to a trajectory as a part of a view, so that its neighbours are those of the view."""
    st.switch_page(TRAJECTORY, query_params=view_params(view, id=trajectory_id))


def link_to_explore(label: str, icon: str | None = None, **filters: Any) -> None:
    """Draw a link to the trajectories that match these filters; the label is in our own words."""
    st.page_link(EXPLORE, label=label, icon=icon, query_params=filter_params(**filters))
