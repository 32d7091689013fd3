"""The router: page configuration, navigation, one guard around whichever page runs."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts import routes
from pages.parts.address import follow_address
from pages.parts.guard import guarded
from pages.parts.page_head import apply_look
from pages.parts.signed_in import admit, may_see_pages

PARTS = Path(__file__).with_name("parts")
ICON = str(PARTS / "icon.svg")

st.set_page_config(page_title="xLAM Studio", page_icon=ICON, layout="wide", initial_sidebar_state=224)

page = st.navigation(
    {
        "": [
            st.Page(routes.OVERVIEW, title="Overview", icon=":material/space_dashboard:", default=True),
            st.Page(routes.RUNS, title="Runs", icon=":material/hourglass_top:"),
        ],
        "Data": [
            st.Page(routes.IMPORT, title="Import", icon=":material/upload:"),
            st.Page(routes.REJECTS, title="Rejects", icon=":material/block:"),
            st.Page(routes.EXPLORE, title="Explore", icon=":material/search:"),
            st.Page(routes.ERRORS, title="Errors", icon=":material/bar_chart:"),
            st.Page(routes.TOOLS, title="Tools", icon=":material/build:"),
            st.Page(routes.CHECKS, title="Checks", icon=":material/rule:"),
            st.Page(routes.TRAJECTORY, title="Trajectory", icon=":material/timeline:", visibility="hidden"),
        ],
        "Review": [
            st.Page(routes.JUDGES, title="Judges", icon=":material/balance:"),
            st.Page(routes.PROMPTS, title="Prompts", icon=":material/edit_note:"),
            st.Page(routes.RESPONSES, title="Responses", icon=":material/compare_arrows:"),
            st.Page(routes.QUEUES, title="Queues", icon=":material/inbox:"),
            st.Page(routes.DESK, title="Desk", icon=":material/rate_review:"),
            st.Page(routes.ADJUDICATION, title="Adjudication", icon=":material/gavel:"),
            st.Page(routes.AGREEMENT, title="Agreement", icon=":material/handshake:"),
            st.Page(routes.CALIBRATION, title="Calibration", icon=":material/target:"),
            st.Page(routes.PEOPLE, title="People", icon=":material/group:"),
        ],
        "Shape": [
            st.Page(routes.NEAR_DUPLICATES, title="Near-duplicates", icon=":material/content_copy:"),
            st.Page(routes.CONTAMINATION, title="Contamination", icon=":material/shield:"),
            st.Page(routes.CATEGORIES, title="General instruction", icon=":material/category:"),
            st.Page(routes.AUGMENT, title="Augmentation", icon=":material/shuffle:"),
            st.Page(routes.PREFERENCES, title="Preference pairs", icon=":material/thumbs_up_down:"),
            st.Page(routes.MIXTURE, title="Mixture", icon=":material/blender:"),
            st.Page(routes.RELEASES, title="Releases", icon=":material/inventory_2:"),
            st.Page(routes.TRAINING_LENS, title="Training lens", icon=":material/center_focus_strong:"),
            st.Page(routes.EXPORTS, title="Exports", icon=":material/ios_share:"),
        ],
        "Models": [
            st.Page(routes.TRAIN, title="Train", icon=":material/model_training:"),
            st.Page(routes.TRAINING, title="Training", icon=":material/show_chart:"),
            st.Page(routes.MODELS, title="Models", icon=":material/deployed_code:"),
            st.Page(routes.EVALUATE, title="Evaluate", icon=":material/quiz:"),
            st.Page(routes.EVALUATION, title="Evaluation", icon=":material/fact_check:", visibility="hidden"),
            st.Page(routes.LEADERBOARD, title="Leaderboard", icon=":material/leaderboard:"),
            st.Page(routes.FAILURES, title="Failures", icon=":material/troubleshoot:"),
            st.Page(routes.ABLATIONS, title="Ablations", icon=":material/science:"),
        ],
    },
    position="sidebar" if may_see_pages() else "hidden",
    expanded=True,
)
st.logo(str(PARTS / "logo.svg"), size="large", icon_image=ICON)
apply_look()
follow_address(page.url_path)
with guarded():
    if admit():
        page.run()
