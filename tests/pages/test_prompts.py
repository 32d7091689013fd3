"""The Prompts page: versions, drafts, promotion, labelled sets, rehearsals; and the panel for endpoints."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from xlam_backend.domain.person import Person
from xlam_backend.owner import app_store
from xlam_backend.prompts.prompt_file import load_prompt
from xlam_backend.prompts.versions import current_prompt, read_prompt_versions, save_draft
from xlam_backend.review.labelled_sets import freeze_set, list_sets

NAME = "judge_argument"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROSA = Person("rosa <b>", "researcher")
HOSTILE = "<img src=x onerror=alert(1)> {{item}}"


@pytest.fixture(autouse=True)
def no_endpoints(monkeypatch, tmp_path):
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XLAM_SECRETS_FILE", str(tmp_path / "no-secrets.toml"))


def a_version(words="Be strict."):
    text = load_prompt(NAME).text.replace("# User", f"{words}\n\n# User")
    return save_draft(app_store(), NAME, text, note=HOSTILE, person=ROSA, now=NOW)


def test_every_prompt_is_listed_and_shown_word_by_word(demo_pages):
    assert demo_pages.open("review/prompts") == "Prompts"
    assert demo_pages.fact("prompts") == 11
    assert load_prompt(NAME).text.strip() in [block.value for block in demo_pages.app.code]
    assert demo_pages.open("review/prompts", prompt="respond_next_step") == "Prompts"
    other = load_prompt("respond_next_step").text.strip()
    assert other in [block.value for block in demo_pages.app.code]


def test_a_version_shows_its_difference_and_hostile_words_stay_words(demo_pages):
    demo_pages.open("review/prompts")
    a_version("Be <script>strict</script>.")
    demo_pages.open("review/prompts", prompt=NAME, version="2")
    assert "What differs from version 1" in demo_pages.words
    assert "+Be <script>strict</script>." in demo_pages.words
    assert "<script>" not in demo_pages.html
    assert "<img" not in demo_pages.html


def test_a_draft_is_saved_and_made_to_count_from_the_page(demo_pages):
    demo_pages.open("review/prompts", prompt=NAME)
    (text,) = [area for area in demo_pages.app.text_area if area.label == "Text"]
    text.set_value(text.value.replace("# User", "Doubt everything.\n\n# User")).run()
    demo_pages.button("Save as a new version").click().run()
    assert demo_pages.title == "Prompts"
    assert len(read_prompt_versions(app_store(), NAME)) == 2
    demo_pages.open("review/prompts", prompt=NAME, version="2")
    (because,) = [line for line in demo_pages.app.text_input if line.label == "Why?"]
    because.set_value("better on set 1").run()
    demo_pages.button("Make version 2 count").click().run()
    assert demo_pages.title == "Prompts"
    assert current_prompt(app_store(), NAME).version == 2
    assert "better on set 1" in demo_pages.words


def test_a_draft_without_a_blank_is_refused_with_the_reason(demo_pages):
    demo_pages.open("review/prompts", prompt=NAME)
    (text,) = [area for area in demo_pages.app.text_area if area.label == "Text"]
    text.set_value(text.value.replace("{{answer_form}}", "")).run()
    demo_pages.button("Save as a new version").click().run()
    shown = demo_pages.words + " ".join(element.value for element in demo_pages.app.error)
    assert "missing the blank" in shown
    assert len(read_prompt_versions(app_store(), NAME)) == 1


def test_a_set_is_frozen_from_the_page_and_a_rehearsal_needs_a_model(demo_pages):
    demo_pages.open("review/prompts", prompt=NAME)
    (name,) = [line for line in demo_pages.app.text_input if line.label == "Name"]
    name.set_value("Planted").run()
    demo_pages.button("Freeze a set").click().run()
    assert [one.name for one in list_sets(app_store())] == ["Planted"]
    a_version()
    demo_pages.open("review/prompts", prompt=NAME, version="2")
    assert "No model can be asked yet." in demo_pages.words
    assert "endpoint start-scripted" in demo_pages.words
    assert demo_pages.button("Rehearse").disabled


def test_an_empty_store_shows_the_prompts_all_the_same(pages):
    assert pages.open("review/prompts") == "Prompts"
    assert "No labelled set yet." in pages.words


def test_annotators_read_and_change_nothing(demo_pages):
    demo_pages.open("review/prompts")
    demo_pages.take_name("Ann")
    freeze_set(app_store(), "Planted", "argument_hallucination", person=ROSA, now=NOW)
    a_version()
    demo_pages.open("review/prompts", prompt=NAME)
    assert not [button for button in demo_pages.app.button if button.label == "Save as a new version"]
