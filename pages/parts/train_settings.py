"""The settings of a new training as a form: what is changed most in sight, the others folded away."""

from __future__ import annotations

from typing import Any

import msgspec
import streamlit as st

from pages.parts.train_choice import Begun
from pages.parts.url_view import put_in_url
from xlam_backend.training.draft import Changes, kept_changes, read_changes, write_changes
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.setting_forms import (
    IN_SIGHT,
    NEVER_IN_ADDRESSES,
    SETTING_GROUPS,
    SettingForm,
    setting_forms,
)

_ACROSS = 3
_OWN = "train_own"  # what must not stand in an address, as JSON, with what it belongs to


def read_own_changes(begun: Begun) -> Changes:
    """Return what was changed of the settings that a training begins with."""
    changes = read_changes(st.query_params.get("set", ""), begun.usual)
    own = _read_own().get(subject_of(begun), {})
    return {**changes, **kept_changes(own, begun.usual)}


def forget_changes(subject: str) -> None:
    """Take every change back."""
    put_in_url("set", "")
    _write_own({name: each for name, each in _read_own().items() if name != subject})


def subject_of(begun: Begun) -> str:
    """Return what changes belong to: a recipe or a run, and a method."""
    recipe = begun.shelf.name if begun.shelf else st.query_params.get("settings_of", "")
    return f"{recipe}\n{begun.usual.method}"


def draw_settings(begun: Begun, changes: Changes) -> None:
    """Draw the form; a change is taken over before the page is drawn anew."""
    values = {**msgspec.to_builtins(begun.usual, str_keys=True), **changes}
    shown = {form.name: values.get(form.name, _default(form.name)) for form in setting_forms().values()}
    _draw_some(begun, IN_SIGHT, shown)
    words = f"All settings ({len(changes)} changed)" if changes else "All settings"
    with st.expander(words, icon=":material/tune:", key="train_all_settings"):
        plan = _plan_for_groups(begun, changes)
        for group in SETTING_GROUPS:
            names = tuple(name for name in group.names if name not in IN_SIGHT)
            if names and group.is_for(plan):
                st.caption(group.title)
                _draw_some(begun, names, shown)
        if changes:
            st.button(
                "Take all changes back",
                icon=":material/undo:",
                key="train_reset",
                on_click=forget_changes,
                args=(subject_of(begun),),
            )


def _plan_for_groups(begun: Begun, changes: Changes) -> TrainingPlan:
    """Return a plan that says which groups matter; settings that clash do not matter for that."""
    wanted: Changes = {name: changes[name] for name in ("tuning", "base_model") if name in changes}
    start_from = begun.chosen.get("start_from", "")
    return msgspec.structs.replace(TrainingPlan(), **_alone(begun, wanted), start_from=start_from)


def _alone(begun: Begun, wanted: Changes) -> Changes:
    usual = {name: getattr(begun.usual, name) for name in ("method", "tuning", "base_model")}
    made = {**usual, **wanted}
    return made if made["tuning"] != "qlora" else {**made, "tuning": "lora"}


def _default(name: str) -> Any:
    return msgspec.to_builtins(getattr(TrainingPlan(), name))


def _draw_some(begun: Begun, names: tuple[str, ...], values: dict[str, Any]) -> None:
    forms = setting_forms()
    for first in range(0, len(names), _ACROSS):
        columns = st.columns(_ACROSS, vertical_alignment="bottom")
        for column, name in zip(columns, names[first : first + _ACROSS]):
            with column:
                _draw_one(begun, forms[name], values[name])


def _draw_one(begun: Begun, form: SettingForm, value: Any) -> None:
    key = f"train_set_{form.name}"
    told: dict[str, Any] = {
        "label": form.title,
        "help": form.words,
        "key": key,
        "on_change": _take,
        "args": (form.name, key, subject_of(begun), msgspec.json.encode(begun.usual).decode()),
    }
    # Set before the widget is made, so that a recipe, a link or Back always wins over old widget state.
    st.session_state[key] = _shown(form, value)
    if form.kind == "choice":
        st.selectbox(options=form.choices, **told)
    elif form.kind == "flag":
        st.toggle(**told)
    elif form.kind == "whole":
        low, high = int(form.low or 0), int(form.high) if form.high is not None else None
        st.number_input(min_value=low, max_value=high, step=1, **told)
    elif form.kind == "number":
        lowest, highest = (None if bound is None else float(bound) for bound in (form.low, form.high))
        st.number_input(min_value=lowest, max_value=highest, step=_step(form), format="%g", **told)
    elif form.kind == "several":
        st.multiselect(options=form.choices, placeholder="nowhere else", **told)
    else:
        st.text_input(placeholder="all linear ones" if form.kind == "names" else "", **told)


def _shown(form: SettingForm, value: Any) -> Any:
    if form.kind == "names":
        return ", ".join(value)
    if form.kind == "several":
        return list(value)
    return float(value) if form.kind == "number" else value


def _step(form: SettingForm) -> float:
    return {"learning_rate": 1e-6, "epochs": 1.0, "lora_alpha": 1.0}.get(form.name, 0.01)


def _take(name: str, key: str, subject: str, usual_text: str) -> None:
    """Take a change over into the address; what must not stand there stays in the session."""
    usual = msgspec.json.decode(usual_text, type=TrainingPlan)
    if name in NEVER_IN_ADDRESSES:
        own = {**_read_own().get(subject, {}), name: st.session_state[key]}
        _write_own({**_read_own(), subject: kept_changes(own, usual)})
        return
    changes = read_changes(st.query_params.get("set", ""), usual)
    changes.pop(name, None)
    put_in_url("set", write_changes({**changes, **kept_changes({name: st.session_state[key]}, usual)}))


def _read_own() -> dict[str, dict[str, Any]]:
    text = str(st.session_state.get(_OWN, "{}"))
    return msgspec.json.decode(text, type=dict[str, dict[str, Any]])


def _write_own(own: dict[str, dict[str, Any]]) -> None:
    st.session_state[_OWN] = msgspec.json.encode(own).decode()
