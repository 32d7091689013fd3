"""The list of words: what it matches, what it must say, and that another file replaces it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile import CORPUS
from xlam_backend.checks.content_rules import SHIPPED_LIST, ContentRules, rules_in_force
from xlam_backend.checks.inappropriate_content import CHECK
from xlam_backend.checks.sample import Sample
from xlam_backend.domain.trajectory import Step, Trajectory
from xlam_backend.errors import SettingError

LIST = "# mine\n[rude: warn]\ndarn\nheck of a day\n[bad: reject]\n/b[ao]d+ thing/\n"


def found(text, rules=LIST):
    return [(each.rule.text, each.times) for each in ContentRules("mine.txt", rules).matches(text)]


def test_words_match_whole_and_in_any_case():
    assert found("DARN! darn, darned undarned") == [("darn", 2)]
    assert found("a Heck  of\na day") == [("heck of a day", 1)]
    assert found("a heck of a month") == []


def test_patterns_match_and_hidden_characters_hide_nothing():
    assert found("what a BODD thing") == [("/b[ao]d+ thing/", 1)]
    assert found("d\u200barn and ｄａｒｎ") == [("darn", 2)]


@pytest.mark.parametrize(
    ("text", "line"),
    [("darn\n", 1), ("[rude]\ndarn\n", 1), ("[rude: warn]\n\n/(/\n", 3), ("[rude: warn]\n...\n", 2)],
)
def test_a_line_that_cannot_be_read_is_named(text, line):
    with pytest.raises(SettingError, match=f"Line {line} "):
        ContentRules("mine.txt", text)


def test_the_shipped_list_can_be_read_and_finds_each_of_its_words():
    rules = rules_in_force()
    assert rules.name == SHIPPED_LIST.name
    assert {rule.level for rule in rules.rules} == {"reject", "warn"}
    for rule in rules.rules:
        if not rule.is_pattern:
            assert rule in [each.rule for each in rules.matches(f"so {rule.text}, they said")]


def test_another_file_replaces_it(tmp_path, monkeypatch):
    own = tmp_path / "own.txt"
    own.write_text("[colour: reject]\nblue\n", encoding="utf-8")
    monkeypatch.setenv("XLAM_CONTENT_RULES", str(own))
    talk = Trajectory(query="Is the sky blue?", steps=(Step(thought="porn"),), tools_stated=False)
    [finding] = CHECK.run(Sample(talk, ()))
    assert (finding.level, finding.step) == ("reject", -1)
    assert (finding.evidence["rule"], finding.evidence["line"], finding.evidence["list"]) == (
        "blue",
        2,
        "own.txt",
    )


def test_a_missing_file_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("XLAM_CONTENT_RULES", str(tmp_path / "none.txt"))
    with pytest.raises(SettingError, match="cannot be read"):
        rules_in_force()


@given(st.text())
def test_no_text_breaks_it(text):
    assert len(rules_in_force().matches(text)) <= 20


@pytest.mark.parametrize("text", CORPUS.values(), ids=list(CORPUS))
def test_hostile_texts_are_read(text):
    rules_in_force().matches(text * 50)
