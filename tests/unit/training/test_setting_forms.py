"""Settings as a form shows them: every one stands in one group, with the bounds that the plan has."""

from __future__ import annotations

import msgspec

from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.recipe import NOT_IN_RECIPES
from xlam_backend.training.setting_forms import ELSEWHERE, IN_SIGHT, SETTING_GROUPS, setting_forms


def test_every_setting_stands_in_one_group():
    shown = [name for group in SETTING_GROUPS for name in group.names]
    wanted = set(TrainingPlan.__struct_fields__) - NOT_IN_RECIPES - ELSEWHERE
    assert sorted(shown) == sorted(wanted)
    assert set(IN_SIGHT) < wanted
    assert all(form.words for form in setting_forms().values())


def test_kinds_and_bounds_are_those_of_the_plan():
    forms = setting_forms()
    assert forms["tuning"].choices == ("full", "lora", "qlora")
    assert forms["packing"].kind == "flag"
    assert (forms["max_length"].kind, forms["max_length"].low) == ("whole", 16)
    assert (forms["seed"].low, forms["seed"].high) == (0, 2**31 - 1)
    assert forms["report_to"].choices == ("tensorboard", "wandb")
    assert forms["lora_targets"].kind == "names"


def test_every_bound_may_itself_be_chosen():
    for form in setting_forms().values():
        for bound in (form.low, form.high):
            if bound is not None:
                value = int(bound) if form.kind == "whole" else bound
                msgspec.convert({form.name: value}, TrainingPlan)


def test_groups_that_do_nothing_are_not_shown():
    def shown(**settings: object) -> set[str]:
        plan = msgspec.convert(settings, TrainingPlan)
        return {group.title for group in SETTING_GROUPS if group.is_for(plan)}

    assert {"Adapter", "Preferences"} & shown() == set()
    assert "Adapter" in shown(tuning="lora")
    assert "Preferences" in shown(method="dpo")
    assert "Tiny model" in shown()
    assert "Tiny model" not in shown(base_model="someone/model")
