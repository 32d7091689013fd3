"""Answers scored: what counts where no function helps, what is not scored here, answers in a row."""

import pytest

from tests.unit.bfcl.asked import function, question
from xlam_backend.bfcl.categories import CATEGORIES, category_by_name, category_by_old_name
from xlam_backend.bfcl.reading import NATIVE
from xlam_backend.bfcl.scoring import score_all, score_item
from xlam_backend.errors import InputError, UnknownNameError

F = function("f", a="integer")
ASKED = question("simple_python", F, [{"f": {"a": [1]}}])
IRRELEVANT = question("live_irrelevance", F)
RELEVANT = question("live_relevance", F)


@pytest.mark.parametrize("output", ["I cannot help.", "[]", "[f(a=1", "", "[f(a=1), g]"])
def test_what_is_no_call_is_right_where_no_function_helps(output):
    assert score_item(IRRELEVANT, output).is_valid
    wrong = score_item(RELEVANT, output)
    assert wrong.error_type == "relevance_error:decoder_failed"


@pytest.mark.parametrize("output", ["[f(a=1)]", "[made_up(b='x')]"])
def test_any_call_is_wrong_where_no_function_helps_and_right_where_one_does(output):
    assert score_item(IRRELEVANT, output).error_type == "irrelevance_error:decoder_success"
    assert score_item(RELEVANT, output).is_valid


def test_an_answer_that_cannot_be_read_says_why():
    verdict = score_item(ASKED, "[f(a=1")
    assert verdict.error_type == "ast_decoder:decoder_failed"
    assert "does not match" in verdict.decode_error
    assert verdict.decode_error in verdict.errors[0]
    assert verdict.decoded is None


def test_calls_of_an_api_are_scored():
    assert score_item(ASKED, [{"f": '{"a": 1}'}], NATIVE).is_valid
    assert score_item(ASKED, "I cannot.", NATIVE).error_type == "ast_decoder:decoder_failed"


@pytest.mark.parametrize("category", ["multi_turn_base", "memory_kv", "web_search_base", "rest"])
def test_what_needs_a_world_is_not_scored(category):
    with pytest.raises(InputError, match="not scored here"):
        score_item(question(category, F), "[f(a=1)]")


def test_a_question_without_an_allowed_answer_is_an_error():
    with pytest.raises(InputError, match="no allowed answer"):
        score_item(question("simple_python", F), "[f(a=1)]")


def test_answers_in_a_row_keep_their_order():
    scored = list(score_all({ASKED.id: ASKED}, [(ASKED.id, "[f(a=1)]"), (ASKED.id, "[f(a=2)]")]))
    assert [one.verdict.is_valid for one in scored] == [True, False]
    with pytest.raises(UnknownNameError, match="simple_python_0"):
        list(score_all({ASKED.id: ASKED}, [("simple_python_1", "")]))


def test_categories_are_found_by_their_names_of_then_and_now():
    assert category_by_old_name("relevance").name == "irrelevance"
    assert category_by_old_name("executable_simple").name == "exec_simple"
    assert [category_by_name(one.name) for one in CATEGORIES] == list(CATEGORIES)
    with pytest.raises(UnknownNameError, match="live_simple"):
        category_by_name("life_simple")
