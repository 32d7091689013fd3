"""Drafts of prompts, promotion and going back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from xlam_backend.domain.person import Person
from xlam_backend.errors import AccessDeniedError, NotFoundError, SettingError, UnknownNameError
from xlam_backend.prompts.prompt_file import load_prompt
from xlam_backend.prompts.versions import (
    current_prompt,
    list_prompts,
    promote,
    read_prompt,
    read_prompt_history,
    read_prompt_versions,
    roll_back,
    save_draft,
)
from xlam_backend.store.audit import AuditFilters, read_audit

NAME = "judge_argument"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
RESEARCHER = Person("rosa", "researcher")
ANNOTATOR = Person("ann", "annotator")


def draft(words):
    return load_prompt(NAME).text.replace("# User", f"{words}\n\n# User")


def save(store, words, **others):
    return save_draft(store, NAME, draft(words), person=RESEARCHER, now=NOW, **others)


def make_count(store, version, because="better"):
    promote(store, NAME, version, because=because, person=RESEARCHER, now=NOW)


def test_the_file_counts_until_a_version_is_promoted(store):
    assert current_prompt(store, NAME) == load_prompt(NAME)
    saved = save(store, "Be strict.", note="shorter")
    assert saved.version == 2
    assert current_prompt(store, NAME).version == 1
    make_count(store, 2)
    assert current_prompt(store, NAME) == saved
    assert "Be strict." in current_prompt(store, NAME).system
    listed = next(one for one in list_prompts(store) if one.form.name == NAME)
    assert (listed.current_version, listed.version_count) == (2, 2)


def test_every_version_stays_readable(store):
    first, second = save(store, "One."), save(store, "Two.")
    assert [one.version for one in read_prompt_versions(store, NAME)] == [1, 2, 3]
    assert read_prompt(store, NAME, 2) == first
    assert read_prompt(store, NAME, 3) == second
    with pytest.raises(NotFoundError, match="no version 4"):
        read_prompt(store, NAME, 4)


def test_going_back_goes_step_by_step_to_the_file(store):
    save(store, "One.")
    save(store, "Two.")
    make_count(store, 2)
    make_count(store, 3)
    for expected in (2, 1):
        assert roll_back(store, NAME, because="worse", person=RESEARCHER, now=NOW) == expected
        assert current_prompt(store, NAME).version == expected
    with pytest.raises(SettingError, match="No version of judge_argument counted before"):
        roll_back(store, NAME, because="worse", person=RESEARCHER, now=NOW)
    assert [one.version for one in read_prompt_history(store, NAME)] == [2, 3, 2, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (load_prompt(NAME).text.replace("{{answer_form}}", ""), "missing the blank"),
        (load_prompt(NAME).text.replace("{{item}}", ""), "missing the blank"),
        (load_prompt(NAME).text + "{{answer}}", "unknown blank"),
        (load_prompt(NAME).text.replace("# System", ""), "two sections"),
        (load_prompt(NAME).text, "This is version 1 of judge_argument, word for word"),
        (load_prompt(NAME).text + "x" * 100_001, "longer than"),
        (load_prompt(NAME).text + "\ud800", "half a character"),
    ],
)
def test_a_draft_that_cannot_be_asked_is_refused(store, text, message):
    with pytest.raises(SettingError, match=message):
        save_draft(store, NAME, text, person=RESEARCHER, now=NOW)
    assert len(read_prompt_versions(store, NAME)) == 1


def test_the_same_words_twice_are_one_version(store):
    save(store, "One.")
    with pytest.raises(SettingError, match="This is version 2"):
        save(store, "One.  ")


def test_promotion_needs_a_reason_and_a_change(store):
    save(store, "One.")
    with pytest.raises(SettingError, match="No reason"):
        make_count(store, 2, because=" ")
    with pytest.raises(SettingError, match="counts already"):
        make_count(store, 1)
    assert current_prompt(store, NAME).version == 1


def test_only_researchers_change_prompts_and_every_change_is_noted(store):
    for change in (
        lambda: save_draft(store, NAME, draft("One."), person=ANNOTATOR, now=NOW),
        lambda: promote(store, NAME, 1, because="x", person=ANNOTATOR, now=NOW),
        lambda: roll_back(store, NAME, because="x", person=ANNOTATOR, now=NOW),
    ):
        with pytest.raises(AccessDeniedError):
            change()
    save(store, "One.")
    make_count(store, 2, because="fewer false alarms")
    rows = read_audit(store, AuditFilters(action="prompt"), first=0, count=10).rows
    assert [row.subject for row in rows] == [f"prompt {NAME}"] * 2
    assert "fewer false alarms" in rows[0].detail


def test_a_prompt_that_does_not_exist_is_named(store):
    with pytest.raises(UnknownNameError, match="no prompt called 'judge_nothing'"):
        read_prompt_versions(store, "judge_nothing")
