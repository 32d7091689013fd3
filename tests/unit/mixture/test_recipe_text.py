"""Recipes as text: every fault with its line, and what is written is read again."""

from __future__ import annotations

import pytest

from xlam_backend.mixture.presets import PRESETS
from xlam_backend.mixture.recipe import Source
from xlam_backend.mixture.recipe_text import RecipeFaultError, read_recipe, write_recipe

HEAD = "name: a\nsources:\n"


def faults_of(text):
    with pytest.raises(RecipeFaultError) as caught:
        read_recipe(text)
    return [(fault.line, fault.words) for fault in caught.value.faults]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_is_written_and_read_again(preset):
    recipe = preset.make()
    assert read_recipe(write_recipe(recipe)) == recipe


def test_the_papers_shares_are_those_of_the_paper():
    by_name = {preset.name: preset.make() for preset in PRESETS}
    general = {source.name: source.share for source in by_name["xlam-general"].sources}
    assert 0.2 <= general["general instructions"] <= 0.3
    functions = {source.name: source.share for source in by_name["xlam-fc"].sources}
    assert functions["synthetic function calling"] == 0.5


def test_a_share_may_be_written_in_percent_and_a_lone_name_stands_for_a_list():
    recipe = read_recipe(HEAD + "- {name: x, share: 12.5 %, datasets: d}\n- {name: y, share: 0.875}\n")
    assert recipe.sources == (Source("x", share=0.125, datasets=("d",)), Source("y", share=0.875))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "a recipe is a list of keys"),
        ("[1, 2]", 1, "a recipe is a list of keys"),
        ("name: [a\n\n", 3, "this is no YAML"),
        ("name: a\x00", 1, "a character cannot stand in YAML"),
        ("name: &x a\nsources: [*x, *x]\n", 1, "anchors"),
        ("name: a\nname: b\n", 2, "stands here a second time"),
        ("name: a\nsources: []\n", 2, "there is no source"),
        (HEAD + "- name: x\n  shar: 1\n", 4, "there is no key 'shar' here; did you mean 'share'?"),
        (HEAD + "- name: x\n  filters:\n    levl: clean\n", 5, "did you mean 'level'?"),
        (HEAD + "- name: x\n  filters:\n    level: best\n", 5, "level: invalid enum value 'best'"),
        (HEAD + "- name: x\n  share: much\n", 4, "share: expected `float | null`, got `str`"),
        (HEAD + "- name: x\n  share: 120 %\n", 4, "x: a share is above 0 % and at most 100 %, this is 120 %"),
        (HEAD + "- name: x\n  share: -1\n", 4, "this is -100 %"),
        (HEAD + "- name: x\n  share: .nan\n", 4, "cannot be read as a number"),
        (HEAD + "- {name: x, share: 70 %}\n- {name: y, share: 50 %}\n", 2, "over 100 %"),
        (HEAD + "- {name: x, share: 70 %}\n", 2, "nothing says what the rest is"),
        (HEAD + "- name: x\n- name: x\n", 4, "a second source is called 'x'"),
        (HEAD + "- name: x\n  share: 1\n  count: 5\n", 5, "a share or a count, not both"),
        ("name: a\nsize: 10\nsources:\n- name: x\n", 2, "a size needs a share for every source"),
        ("name: ../a\nsources:\n- name: x\n", 1, "a name has letters"),
        (HEAD + "- name: x\nrules:\n  contaminated: maybe\n", 5, "contaminated: invalid enum value"),
        (HEAD + "- name: x\n  epochs: 0\n", 4, "epochs are a whole number"),
        (HEAD + "- name: x\n- name: ''\n", 4, "source 2: a source has a name"),
    ],
)
def test_a_fault_is_named_with_its_line(text, line, words):
    (fault,) = faults_of(text)
    assert fault[0] == line
    assert words in fault[1]


def test_every_fault_is_told_at_once():
    assert [line for line, _ in faults_of("name: a\nsiz: 1\nrules: {x: keep}\nsources: []\n")] == [2, 3]


def test_lists_inside_lists_are_refused_not_followed():
    (fault,) = faults_of("name: " + "[" * 100_000)
    assert fault[0] == 1
