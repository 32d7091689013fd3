"""A new study: which sets of data are compared, what all trainings have in common, and what it comes to."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.routes import AUGMENT, MIXTURE
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url
from xlam_backend.activities.studies import PAPER_SETS, launch_study, preview_arm, save_paper_mixtures
from xlam_backend.bfcl.question_files import list_question_sets
from xlam_backend.domain.study import MOST_ARMS, MOST_SEEDS, StudyArm, StudyPlan
from xlam_backend.errors import XlamError
from xlam_backend.mixture.recipes import list_recipes
from xlam_backend.owner import app_store
from xlam_backend.releases.reading import list_releases
from xlam_backend.training.plan import write_plan
from xlam_backend.training.recipe_shelf import list_training_recipes, recipe_plan

_PAPER, _MIXTURES, _RELEASES = "The paper's three", "Mixtures", "Releases"
_OWN_FIELDS = ("release", "seed", "name", "note")


def draw_form() -> None:
    """Draw the form of a new study, and launch it."""
    if not may_or_say("train"):
        return
    name = st.text_input("Name", "What cleaning is worth", key="study_name", max_chars=60)
    arms = _choose_arms()
    first, second, third = st.columns(3)
    recipes = [one.name for one in list_training_recipes(app_store()) if "sft" in one.recipe.methods]
    recipe = first.selectbox("Training recipe", recipes, key="study_recipe", format_func=one_line)
    seed_count = second.number_input(
        "Seeds", 1, MOST_SEEDS, 3, key="study_seeds", help="Each set of data is learnt once with each seed."
    )
    sets = [one.name for one in list_question_sets(app_store().folder)]
    questions = third.selectbox("Questions", sets, key="study_questions", format_func=one_line)
    with st.expander("Evaluation"):
        tokens = st.number_input(
            "Longest answer, in tokens", 16, 8192, 256, key="study_tokens", help="Longer answers are cut."
        )
    note = st.text_input("Why (optional)", key="study_note", max_chars=500)
    is_ready = len(arms) >= 2 and _draw_arms(arms) and bool(recipe) and bool(questions) and bool(name.strip())
    runs = len(arms) * int(seed_count)
    draw_note(f"{counted(runs, 'training')}, each followed by an evaluation, one after the other.")
    if st.button(
        "Launch", key="study_launch", type="primary", icon=":material/rocket_launch:", disabled=not is_ready
    ):
        settings = write_plan(recipe_plan(app_store(), recipe, "sft"))
        plan = StudyPlan(
            name.strip(),
            arms,
            tuple(range(1, int(seed_count) + 1)),
            {key: value for key, value in settings.items() if key not in _OWN_FIELDS},
            questions,
            {"max_tokens": int(tokens)},
            note.strip(),
        )
        _launch(plan)


def _launch(plan: StudyPlan) -> None:
    person, now = current_person(), datetime.now(UTC)
    try:
        if {arm.mixture for arm in plan.arms} & set(PAPER_SETS.values()):
            save_paper_mixtures(app_store(), person=person, now=now)
        number = launch_study(app_store(), plan, person=person, now=now)
    except XlamError as error:
        show_error(error)
    else:
        put_in_url("study", number)
        st.rerun()


def _choose_arms() -> tuple[StudyArm, ...]:
    kind = st.segmented_control(
        "Sets of data", [_PAPER, _MIXTURES, _RELEASES], default=_PAPER, key="study_kind"
    )
    if kind == _MIXTURES:
        names = [one.name for one in read_cached("recipes", list_recipes)]
        chosen = st.multiselect(
            "Mixtures; the first one is compared with",
            names,
            key="study_mixtures",
            max_selections=MOST_ARMS,
            format_func=one_line,
        )
        return tuple(StudyArm(one[:60], mixture=one) for one in chosen)
    if kind == _RELEASES:
        releases = {one.release_id: one for one in list_releases(app_store().folder)}
        ids = st.multiselect(
            "Releases; the first one is compared with",
            list(releases),
            key="study_releases",
            max_selections=MOST_ARMS,
            format_func=lambda each: f"{one_line(releases[each].manifest.name, 60)} ({each[:8]})",
        )
        return tuple(
            StudyArm(f"{releases[each].manifest.name[:48]} {each[:8]}", release=each) for each in ids
        )
    return tuple(StudyArm(words, mixture=name) for words, name in PAPER_SETS.items())


def _draw_arms(arms: tuple[StudyArm, ...]) -> bool:
    """Draw what each set of data comes to; returns whether all can be learnt."""
    rows, is_ready = [], True
    for arm in arms:
        if arm.release:
            rows.append(LinkRow(arm.name, ("a release", "ready")))
            continue
        found = read_cached("study_arm", preview_arm, arm)
        is_ready = is_ready and found.can_be_frozen
        words = " ".join(problem.words for problem in found.problems) or "ready"
        rows.append(LinkRow(arm.name, (f"{found.row_count:,} rows", words)))
    st.html(table_html(("Set of data", "Size", "Ready?"), rows))
    if not is_ready:
        draw_note(
            "A set of data cannot be frozen yet. Augmented data comes from the Augmentation page; the "
            "Mixture page shows what each recipe would give."
        )
        with st.container(horizontal=True):
            st.page_link(AUGMENT, label="Augmentation", icon=":material/shuffle:")
            st.page_link(MIXTURE, label="Mixture", icon=":material/blender:")
    return is_ready
