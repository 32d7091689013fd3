"""Chat templates: the mask of tokens is the mask of the text, nothing is dropped without a word."""

from __future__ import annotations

import msgspec
import pytest

from tests.builders import a_call, a_step, a_trajectory
from tests.tokenizers_at_hand import (
    CHANGING,
    MARKED,
    PLAIN,
    WITHOUT_CALLS,
    WITHOUT_TOOLS,
    make_tokenizer,
    save_tokenizer,
)
from xlam_backend.errors import SettingError
from xlam_backend.formats.chat import as_chat
from xlam_backend.training_text import CHAT_TEMPLATE
from xlam_backend.training_text.base import ALL_STEPS, Segment, TrainingText, UntellableError
from xlam_backend.training_text.chat_template import write_with_template
from xlam_backend.training_text.template_worker import TextRequest, TokenizerProcess, counted_text
from xlam_backend.training_text.tokens import count_tokens, token_mask


@pytest.fixture(scope="module")
def talk():
    """Two calls in one step, a result, a reply; text beyond ASCII and with quotes."""
    return a_trajectory(
        steps=[
            a_step(a_call(city="Zürich"), a_call(city='<b>"x"</b>'), observations=("4 °C", {"a": None})),
            a_step(thought="It is 4 °C. 🌧", user_input="And now?"),
            a_step(a_call(city="東京"), thought="Again."),
        ],
        task_instruction="Be brief.",
    )


@pytest.fixture(scope="module")
def marked():
    return make_tokenizer(MARKED)


@pytest.fixture(scope="module")
def plain():
    return make_tokenizer(PLAIN)


def test_the_mask_of_tokens_is_the_one_trainers_make(marked, talk):
    chat = as_chat(talk)
    made = marked.apply_chat_template(
        chat.messages, tools=chat.tools, return_dict=True, return_assistant_tokens_mask=True
    )
    text = write_with_template(marked, talk, ALL_STEPS)
    assert marked(text.text, add_special_tokens=False)["input_ids"] == made["input_ids"]
    assert token_mask(marked, text) == made["assistant_masks"]
    assert 0 < sum(made["assistant_masks"]) < len(made["assistant_masks"])


@pytest.mark.parametrize("step", [0, 1, 2, ALL_STEPS])
def test_a_template_without_marks_gives_the_same_text_and_the_same_mask(marked, plain, talk, step):
    with_marks, without = write_with_template(marked, talk, step), write_with_template(plain, talk, step)
    assert without == with_marks
    assert without.text == plain.apply_chat_template(
        as_chat(talk).messages[: _end(talk, step)], tools=as_chat(talk).tools, tokenize=False
    )


def _end(talk, step):
    return len(as_chat(talk).messages) if step == ALL_STEPS else as_chat(talk).answers[step] + 1


def test_arguments_are_objects_and_escaped_once(plain, talk):
    target = write_with_template(plain, talk, 0).target
    assert '{"name": "get_weather", "arguments": {"city": "Zürich"}}' in target
    assert '\\\\"' not in target


REFUSED = {
    "no template": (None, SettingError, "no chat template"),
    "tools dropped": (WITHOUT_TOOLS, UntellableError, "does not support tools"),
    "calls dropped": (WITHOUT_CALLS, UntellableError, "does not write tool calls"),
    "a prompt that changes": (CHANGING, UntellableError, "in another way"),
    "a template that raises": ("{{ raise_exception('no') }}", UntellableError, "refuses it"),
    "a template that is none": ("{% for %}", UntellableError, "refuses it"),
}


@pytest.mark.parametrize(("template", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_what_a_template_cannot_say_is_refused(talk, template, error, words):
    with pytest.raises(error, match=words):
        write_with_template(make_tokenizer(template), talk, 0)


@pytest.mark.parametrize("step", [1, ALL_STEPS])
def test_an_answer_that_is_not_marked_is_refused_and_no_other_is_learnt_for_it(talk, step):
    marks = "{% if message.tool_calls %}GEN{{ message.content }}END{% else %}{{ message.content }}{% endif %}"
    only_calls = PLAIN.replace("{{ message.content }}\n{%- for call", f"{marks}\n{{%- for call", 1)
    only_calls = only_calls.replace("GEN", "{% generation %}").replace("END", "{% endgeneration %}")
    assert "generation" in only_calls
    with pytest.raises(UntellableError, match="does not mark every answer"):
        write_with_template(make_tokenizer(only_calls), talk, step)


def test_a_thought_that_a_template_drops_is_named(talk):
    silent = make_tokenizer(PLAIN.replace("{{ message.content }}\n{%- for call", "{%- for call"))
    steps = (a_step(a_call(), thought="I look it up."),)
    text = write_with_template(silent, msgspec.structs.replace(talk, steps=steps), 0)
    assert "the thought beside calls (the template does not write it)" in text.left_out


@pytest.mark.parametrize("kept", [0, 1, 5, 17])
def test_what_is_cut_is_counted_to_the_token(plain, talk, kept):
    text = write_with_template(plain, talk, ALL_STEPS)
    whole = count_tokens(plain, text, 0)
    counts = count_tokens(plain, text, whole.token_count - kept)
    mask = token_mask(plain, text)
    assert (counts.cut_count, counts.cut_target_count) == (kept, sum(mask[len(mask) - kept :]) if kept else 0)
    assert (counts.cut_from is None) == (kept == 0)


def test_a_token_with_one_learnt_character_is_learnt(plain):
    word = "the weather"
    cut = TrainingText((Segment(word[:5]), Segment(word[5:], is_target=True)))
    mask = token_mask(plain, cut)
    offsets = plain(word, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    assert mask == [int(end > 5) for _, end in offsets]


@pytest.fixture(scope="module")
def process():
    made = TokenizerProcess()
    yield made
    made.end()


def test_the_process_answers_says_why_not_and_goes_on(process, tmp_path, talk):
    good, bare = save_tokenizer(tmp_path / "good", MARKED), save_tokenizer(tmp_path / "bare", None)
    (tmp_path / "empty").mkdir()
    made = process.run(counted_text, TextRequest(talk, 0, CHAT_TEMPLATE, good, limit=10))
    assert made.is_marked
    assert made.tokens.cut_count == made.tokens.token_count - 10
    for name in (bare, str(tmp_path / "empty"), str(tmp_path / "nowhere")):
        with pytest.raises(SettingError):
            process.run(counted_text, TextRequest(talk, 0, CHAT_TEMPLATE, name))
    counted = process.run(counted_text, TextRequest(talk, 0, "xlam_r", bare))
    assert counted.is_marked is None
    assert counted.tokens.target_count > 0


def test_a_template_that_never_ends_is_ended(process, monkeypatch, tmp_path, talk):
    loops, ends = "{% for a in range(9999) %}" * 3, "{% endfor %}" * 3
    endless = loops + ends
    name = save_tokenizer(tmp_path / "endless", endless)
    # Any other text first: now the process has all it needs, and nothing but the template takes long.
    assert process.run(counted_text, TextRequest(talk, 0, "xlam_r", name)).tokens.token_count > 0
    monkeypatch.setattr(process, "_most_seconds", 1)
    with pytest.raises(SettingError, match="1 seconds and was ended"):
        process.run(counted_text, TextRequest(talk, 0, CHAT_TEMPLATE, name))
