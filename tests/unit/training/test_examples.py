"""Rows as tokens: exactly the answers are learnt, and every row that is not learnt has its reason."""

import msgspec
import pytest

from tests.builders import a_call, a_step, a_trajectory
from tests.tokenizers_at_hand import make_tokenizer
from tests.training_jobs import a_pair_row
from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.telling import Telling
from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.formats.chat import as_chat
from xlam_backend.training.examples import (
    NOT_LEARNT,
    NOTHING_LEFT,
    SAME_SIDES,
    TOO_LONG,
    ExampleCounts,
    dpo_examples,
    sft_examples,
)
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.template import studio_template

SUNNY = a_step(a_call(city="Århus"), thought="Ask.", observations=("sunny",))
TWO_STEPS = a_trajectory(steps=[SUNNY, a_step(thought="It is sunny.")])


@pytest.fixture(scope="module")
def tokenizer():
    return make_tokenizer(studio_template())


def a_row(trajectory, telling=None):
    return TrainingRow("r1", trajectory, telling, "s", "d", "", "", ())


def made(tokenizer, *rows, **settings):
    counts = ExampleCounts()
    plan = TrainingPlan(**settings)
    make = dpo_examples if plan.method == "dpo" else sft_examples
    return list(make(rows, tokenizer, plan, counts)), counts


def learnt(tokenizer, example):
    """What is learnt, by runs of tokens."""
    runs, before = [], NOT_LEARNT
    for label in example.labels:
        if label != NOT_LEARNT:
            runs = [*runs, [label]] if before == NOT_LEARNT else [*runs[:-1], [*runs[-1], label]]
        before = label
    return [tokenizer.decode(run) for run in runs]


def test_every_answer_of_a_conversation_is_learnt_to_its_stop_token_and_nothing_else(tokenizer):
    (example,), counts = made(tokenizer, a_row(TWO_STEPS))
    assert learnt(tokenizer, example) == [
        'Ask.\n[{"name": "get_weather", "arguments": {"city": "Århus"}}]<|im_end|>',
        "It is sunny.<|im_end|>",
    ]
    text = tokenizer.decode(example.input_ids)
    assert text.startswith("<|system|>\nYou can call these functions:\n")
    assert "<|tool|>\nsunny\n" in text
    assert counts.example_count == 1
    assert counts.token_count == len(example.input_ids)


def test_what_the_trainer_learns_is_what_the_model_is_asked_with(tokenizer):
    """The prompt of an answer is a prefix of the text with the answer, token by token."""
    (example,), _ = made(tokenizer, a_row(a_trajectory()))
    begin = next(at for at, label in enumerate(example.labels) if label != NOT_LEARNT)
    chat = as_chat(a_trajectory())
    asked = tokenizer.apply_chat_template(
        chat.messages[:-1], tools=chat.tools, add_generation_prompt=True, tokenize=True, return_dict=False
    )
    assert list(asked) == example.input_ids[:begin]


def test_each_answer_can_be_an_example_of_its_own(tokenizer):
    examples, _ = made(tokenizer, a_row(TWO_STEPS), example_of="step")
    assert [one.row_id for one in examples] == ["r1#1", "r1#2"]
    assert [len(learnt(tokenizer, one)) for one in examples] == [1, 1]
    assert learnt(tokenizer, examples[1]) == ["It is sunny.<|im_end|>"]


def test_thoughts_beside_calls_can_be_left_out_but_not_replies(tokenizer):
    (example,), _ = made(tokenizer, a_row(TWO_STEPS), with_thoughts=False)
    assert learnt(tokenizer, example)[0].startswith('[{"name"')
    assert learnt(tokenizer, example)[1] == "It is sunny.<|im_end|>"


def test_a_row_that_augmentation_told_is_learnt_as_it_was_told(tokenizer):
    (example,), _ = made(tokenizer, a_row(a_trajectory(), Telling(format_name="python_calls")))
    assert learnt(tokenizer, example) == ['[get_weather(city="Oslo")]<|im_end|>']
    assert "<|system|>" not in tokenizer.decode(example.input_ids)


def test_what_is_too_long_is_dropped_or_cut_and_counted_either_way(tokenizer):
    row = a_row(a_trajectory())
    (whole,), _ = made(tokenizer, row)
    length, target = len(whole.input_ids), sum(label != NOT_LEARNT for label in whole.labels)
    nothing, counts = made(tokenizer, row, max_length=length - 4)
    assert nothing == []
    assert dict(counts.dropped) == {TOO_LONG: 1}
    (cut,), counts = made(tokenizer, row, max_length=length - 4, too_long="cut")
    assert (cut.input_ids, cut.labels) == (whole.input_ids[:-4], whole.labels[:-4])
    assert (counts.cut_count, counts.cut_token_count, counts.cut_target_count) == (1, 4, 4)
    _, counts = made(tokenizer, row, max_length=length - target, too_long="cut")
    assert dict(counts.dropped) == {NOTHING_LEFT: 1}


def test_rows_that_cannot_be_told_are_counted_with_their_reason(tokenizer):
    unreadable = a_trajectory([ToolCall("get_weather", unreadable="{oops")])
    examples, counts = made(tokenizer, a_row(unreadable), a_row(a_trajectory(steps=[])), a_row(TWO_STEPS))
    assert len(examples) == 1
    assert counts.row_count == 3
    assert dict(counts.dropped) == {
        "the arguments of a call of 'get_weather' are no JSON object": 1,
        "the trajectory has no step": 1,
    }


def test_a_pair_has_one_prompt_and_two_ends(tokenizer):
    (pair,), counts = made(tokenizer, a_pair_row(3), method="dpo")
    assert tokenizer.decode(pair.prompt_ids).endswith("How is the weather in city3?\n<|assistant|>\n")
    assert tokenizer.decode(pair.chosen_ids).endswith('{"city": "city3"}}]<|im_end|>')
    assert tokenizer.decode(pair.rejected_ids).endswith('{"city": "nowhere"}}]<|im_end|>')
    assert counts.example_count == 1


def test_pairs_that_teach_nothing_or_do_not_fit_are_counted(tokenizer):
    row = a_pair_row(1)
    same = msgspec.structs.replace(row, rejected=row.chosen)
    empty = msgspec.structs.replace(row, rejected=PairSide())
    nothing, counts = made(tokenizer, same, empty, method="dpo")
    assert nothing == []
    assert counts.dropped == {SAME_SIDES: 1, "a step has neither a reply nor a call": 1}
    _, counts = made(tokenizer, row, method="dpo", max_length=16)
    assert counts.dropped == {TOO_LONG: 1}
