"""The training lens: the text as it is, what is learnt marked by more than colour, what is cut counted."""

from __future__ import annotations

import re

import pytest

from tests.hostile import CORPUS
from tests.pages.conftest import data_to_look_at
from tests.tokenizers_at_hand import MARKED, save_tokenizer
from xlam_backend.domain.filters import Filters
from xlam_backend.explore.search import find_trajectories
from xlam_backend.training_text.template_worker import TOKENIZERS

demo_data = data_to_look_at
LENS = "shape/training_lens"


@pytest.fixture(autouse=True)
def no_process_left():
    yield
    TOKENIZERS.end()


@pytest.fixture
def trajectory_id(demo_store):
    return (
        find_trajectories(demo_store, Filters(dataset="help_desk_unified_2", min_steps=2))
        .rows[0]
        .trajectory_id
    )


def learnt(pages):
    """The pieces of the text that are marked as learnt."""
    return re.findall(
        r'<mark class="xs-learnt">(.*?)</mark>',
        pages.html.split("xs-lens-legend")[1].split("</p>", 1)[1],
        re.S,
    )


def test_the_page_leads_to_a_trajectory(demo_pages, demo_store):
    assert demo_pages.open(LENS) == "Training lens"
    assert f"{find_trajectories(demo_store, Filters()).total:,} trajectories; choose one" in demo_pages.words
    demo_pages.open(LENS, id="no-such-id")
    assert "No trajectory has the id" in demo_pages.words


def test_without_a_tokenizer_characters_are_counted_and_it_says_so(demo_pages, trajectory_id):
    demo_pages.open(LENS, id=trajectory_id, style="xlam_2_qwen", step="all")
    pieces = learnt(demo_pages)
    assert len(pieces) >= 2
    assert all(piece.endswith("&lt;|im_end|&gt;") for piece in pieces)
    assert "Characters, not tokens" in demo_pages.words
    assert demo_pages.fact("characters learnt") < demo_pages.fact("characters")


def test_tokens_are_counted_and_what_the_context_cuts_is_struck(demo_pages, trajectory_id, tmp_path):
    name = save_tokenizer(tmp_path / "tokenizer", MARKED)
    demo_pages.open(LENS, id=trajectory_id, style="chat_template")
    assert "A chat template belongs to a tokenizer." in demo_pages.words
    demo_pages.app.text_input(key="lens_tokenizer").set_value(name).run()
    every = demo_pages.fact("tokens")
    assert 0 < demo_pages.fact("tokens learnt") < every
    assert "itself marks what is learnt" in demo_pages.words
    assert 'xs-cut-off"><' not in demo_pages.html
    demo_pages.app.query_params["limit"] = "100"
    demo_pages.app.run()
    assert demo_pages.fact("tokens behind the context of 100") == every - 100
    assert '<s class="xs-cut-off"><mark class="xs-learnt">' in demo_pages.html


def test_a_tokenizer_that_is_none_is_explained(demo_pages, trajectory_id, tmp_path):
    demo_pages.open(LENS, id=trajectory_id)
    demo_pages.app.text_input(key="lens_tokenizer").set_value(str(tmp_path / "nowhere")).run()
    assert "There is no folder" in demo_pages.words
    bare = save_tokenizer(tmp_path / "bare", None)
    demo_pages.app.query_params["style"] = "chat_template"
    demo_pages.app.text_input(key="lens_tokenizer").set_value(bare).run()
    assert "This tokenizer has no chat template." in demo_pages.words
    assert "choose one to look at" not in demo_pages.words, "the trajectory stays the one that was chosen"


def test_what_a_style_cannot_say_is_explained(demo_pages, trajectory_id):
    demo_pages.open(LENS, id=trajectory_id, style="xlam_fc_r", step="2")
    assert "Style A has no place for steps before this one." in demo_pages.words


@pytest.mark.parametrize("name", CORPUS)
def test_hostile_text_stays_text(name):
    from pages.parts.lens_text import lens_html
    from xlam_backend.training_text.base import Segment

    shown = lens_html((Segment(CORPUS[name]), Segment(CORPUS[name], is_target=True)), 3, is_whole=True)
    tags = set(re.findall(r"<(/?\w+)", shown))
    assert tags <= {"pre", "/pre", "span", "/span", "mark", "/mark", "s", "/s", "i", "/i"}
