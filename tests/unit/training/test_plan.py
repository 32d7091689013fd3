"""Settings of a training: described once, held to their bounds, and written with nothing but what is set."""

import msgspec
import pytest

from xlam_backend.errors import SettingError
from xlam_backend.training.plan import TrainingPlan, describe_settings, read_plan, write_plan


def test_every_setting_has_a_line_that_says_what_it_is_for():
    told = describe_settings()
    assert [one.name for one in told] == list(TrainingPlan.__struct_fields__)
    assert all(one.words.endswith(".") for one in told)


def test_a_plan_comes_back_as_it_was_and_says_only_what_was_set():
    plan = TrainingPlan(method="dpo", lora_targets=("q_proj",), learning_rate=1e-4)
    assert write_plan(plan) == {"method": "dpo", "lora_targets": ("q_proj",), "learning_rate": 1e-4}
    assert read_plan(msgspec.json.decode(msgspec.json.encode(write_plan(plan)))) == plan


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"bach_size": 2}, "no setting 'bach_size'"),
        ({"batch_size": 0}, "batch_size"),
        ({"learning_rate": "fast"}, "learning_rate"),
        ({"method": "rlhf"}, "method"),
        ({"tiny_hidden": 40}, "tiny_hidden"),
        ({"method": "dpo", "packing": True}, "cannot be packed"),
        ({"method": "dpo", "too_long": "cut"}, "not cut"),
        ({"tuning": "qlora"}, "4 bits"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(values, words):
    with pytest.raises(SettingError, match=words):
        read_plan(values)
