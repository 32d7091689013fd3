"""People: who may do what, and the log of what was done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head, draw_note
from pages.parts.review_export import draw_review_export
from pages.parts.safe_text import one_line, show_hidden, text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_view import read_number
from pages.parts.url_widgets import url_page, url_select, url_text
from xlam_backend.access import KnownPerson, list_people, set_role
from xlam_backend.access.audit import PAGE_SIZE, AuditFilters, AuditRow, list_audit_people, read_audit
from xlam_backend.domain.person import NEEDED_ROLE, ROLES, Action, Person, Role, may
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store

TAKEN_OUT = "taken out"
_ROLE_WORDS: dict[Role, str] = {
    "annotator": "reviews items, comments, looks at everything",
    "researcher": "also imports, checks, fixes, judges, makes queues, adjudicates, exports",
    "admin": "also removes data, gives roles, reads this log",
}


def draw_people(person: Person) -> None:
    """Draw everybody with their roles and, for an admin, the way to change them."""
    people = read_cached("people", list_people)
    draw_facts(
        [
            Fact(f"{len(people):,}", "people"),
            *(Fact(f"{sum(one.role == role for one in people):,}", f"{role}s") for role in ROLES),
        ]
    )
    st.dataframe(
        {
            "person": [show_hidden(one.name) for one in people],
            "role": [one.role or TAKEN_OUT for one in people],
            "because": [_because(one) for one in people],
            "since": [f"{one.given_at:%Y-%m-%d %H:%M}" if one.given_at else "" for one in people],
        },
        hide_index=True,
    )
    if may(person, "manage people"):
        _draw_role_form(person, [one.name for one in people])


def _because(one: KnownPerson) -> str:
    return f"given by {show_hidden(one.given_by)}" if one.because == "given" else one.because


def _draw_role_form(person: Person, names: list[str]) -> None:
    with st.container(border=True):
        name_column, role_column, button = st.columns([3, 3, 1], vertical_alignment="bottom")
        name = name_column.selectbox(
            "Person",
            names,
            index=None,
            format_func=one_line,
            accept_new_options=True,
            placeholder="a name or an email address",
            key="role_person",
        )
        role = role_column.selectbox("Role", [*ROLES, TAKEN_OUT], key="role_given")
        if button.button("Give", type="primary", key="role_give", disabled=not name):
            _give(str(name), next((one for one in ROLES if one == role), None), person)
        draw_note(
            "A role counts from the person's next click. Somebody taken out sees no page; "
            "what they did stays on record."
        )


def _give(name: str, role: Role | None, person: Person) -> None:
    try:
        set_role(app_store(), name, role, person=person, now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()


def draw_roles(person: Person) -> None:
    """Draw what each role may do."""
    with st.expander("What each role may do", expanded=not may(person, "manage people")):
        items = "".join(f"<li><span>{role}</span><span>{_ROLE_WORDS[role]}</span></li>" for role in ROLES)
        st.html(f'<ul class="xs-list">{items}</ul>')
        columns: dict[str, list[str]] = {"action": list(NEEDED_ROLE)}
        for role in ROLES:
            columns[role] = ["yes" if _is_enough(role, action) else "" for action in NEEDED_ROLE]
        st.dataframe(columns, hide_index=True)


def _is_enough(role: Role, action: Action) -> bool:
    return may(Person("", role), action)


def draw_log(person: Person) -> None:
    """Draw the log with its filters, a page at a time."""
    st.subheader("What was done", anchor=False)
    first, second, third = st.columns(3)
    with first:
        name = url_select("Person", "who", list_audit_people(app_store(), person=person), show=one_line)
    with second:
        action = url_select("Action", "action", list(get_args(Action)))
    with third:
        text = url_text("In subject or detail", "text")
    page = read_number("page", 1)
    found = read_audit(app_store(), AuditFilters(name, action, text), person=person, page=page)
    if not found.rows:
        is_filtered = bool(name or action or text)
        draw_empty(
            "Nothing is in the log.",
            "Choose another filter, or none." if is_filtered else "What people do is written here.",
        )
        return
    draw_note(
        f"{counted(found.total, 'entry', 'entries')}, the newest first. Entries are added, never changed."
    )
    st.html("".join(map(_entry_html, found.rows)))
    if found.total > PAGE_SIZE:
        url_page(page, -(-found.total // PAGE_SIZE))


def _entry_html(row: AuditRow) -> str:
    return (
        f'<div class="xs-reject-row"><b>{text_html(row.person, 100)}</b> '
        f'<span class="xs-chip xs-plain">{text_html(row.action, 60)}</span> {text_html(row.subject, 400)}'
        f'<p class="xs-note">{row.at_time:%Y-%m-%d %H:%M:%S} UTC, as {text_html(row.role, 20)} · '
        f'<span class="xs-mono">{text_html(row.detail, 1000)}</span></p></div>'
    )


draw_head("People", "Who works here and in which role, and the log of what was done.")
who = current_person()
draw_people(who)
draw_roles(who)
if may(who, "manage people"):
    draw_log(who)
    draw_review_export()
