"""No text of a record can close its fence, open another, or change what stands around it."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from xlam_backend.prompts.fence import Block, fence, fence_json, read_blocks, shown_json

# Text that tries: pieces of fences, line ends of every kind, marks made from other texts.
_PIECES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["\n", "\r\n", "\u2028", "<<<item ", "<<<end item ", ">>>", "```", "{{item}}", "\u202e"]),
    st.text(max_size=5).map(lambda text: fence("item", text)),
)
HOSTILE = st.lists(_PIECES, max_size=12).map("".join)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | HOSTILE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(HOSTILE, inner, max_size=4),
    max_leaves=10,
)


@given(texts=st.lists(HOSTILE, max_size=4), between=st.sampled_from(["\n", "\nRead this:\n", "\n\n"]))
def test_blocks_come_back_as_they_were_whatever_they_hold(texts, between):
    prompt = "Judge.\n" + between.join(fence("item", text) for text in texts) + between
    assert read_blocks(prompt) == [Block("item", text) for text in texts]


@given(text=HOSTILE)
def test_a_text_never_holds_the_mark_of_its_own_fence(text):
    block = fence("item", text)
    mark = block.split("\n", 1)[0].removeprefix("<<<item ").removesuffix(">>>")
    assert len(mark) == 32
    assert block.count(mark) == 2


@given(text=HOSTILE)
def test_a_text_that_holds_its_own_whole_block_is_still_one_block(text):
    nested = fence("item", text)
    assert read_blocks(fence("item", nested)) == [Block("item", nested)]


@given(value=JSON_VALUES)
def test_json_in_a_fence_keeps_its_value_and_shows_every_character(value):
    (block,) = read_blocks(fence_json("item", value))
    assert json.loads(block.text) == value
    assert all(
        character == "\n" or character.isprintable() or character.isspace() for character in block.text
    )
    assert "\u202e" not in shown_json(value)
