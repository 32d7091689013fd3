"""A candidate is rejected only when something says that it is worse."""

from __future__ import annotations

import pytest

from tests.builders import a_call, a_tool
from xlam_backend.domain.finding import Finding
from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.tool_schema import read_schema
from xlam_backend.responses import classify
from xlam_backend.responses.classify import weigh

OWN = PairSide("I look.", (a_call(city="Oslo", days=1),))
OTHER = PairSide("", (a_call(city="Rome", days=1),))
FLAG = Finding("argument_type", 1, "fix", "IAT", "")
GRAVE = Finding("undefined_function", 1, "reject", "IFN", "")
HINT = Finding("ungrounded_value", 1, "judge", "IAV", "")


SCHEMAS = {"get_weather": read_schema(a_tool())}  # city is required, days has the default 1


def weighed(candidate, findings=(), margin=None):
    found = weigh(OWN, candidate, findings, schemas=SCHEMAS, margin=margin, least_margin=1.0)
    return found.classification, found.because


@pytest.mark.parametrize("findings", [(), (FLAG,)])
@pytest.mark.parametrize("margin", [None, 4.0])
def test_equal_calls_are_never_a_pair(findings, margin):
    again = PairSide("Said otherwise.", (a_call(days=1.0, city="Oslo"),))
    assert weighed(again, findings, margin) == ("same", classify.SAME)


def test_a_default_left_out_is_no_difference():
    shorter = PairSide("", (a_call(city="Oslo"),))
    assert weighed(shorter, (FLAG,), 4.0) == ("same", classify.SAME_BUT_DEFAULTS)
    assert weighed(PairSide("", (a_call(city="Oslo", days=2),)))[0] == "unclear"
    assert weighed(PairSide("", (a_call(days=1),)))[0] == "unclear"


def test_the_gravest_rule_says_why():
    assert weighed(OTHER, (HINT, FLAG, GRAVE)) == ("rejected", "A rule flags it: Undefined function.")


def test_a_hint_is_no_reason():
    assert weighed(OTHER, (HINT,)) == ("unclear", classify.NOTHING_SAYS)


@pytest.mark.parametrize(
    ("margin", "outcome"),
    [
        (1.0, ("rejected", classify.RATED_LOWER)),
        (0.5, ("unclear", classify.RATED_ALIKE)),
        (-0.5, ("unclear", classify.RATED_ALIKE)),
        (-1.0, ("unclear", classify.RATED_HIGHER)),
    ],
)
def test_the_rating_decides_where_the_rules_say_nothing(margin, outcome):
    assert weighed(OTHER, margin=margin) == outcome


def test_where_rules_and_rating_disagree_nothing_is_claimed():
    assert weighed(OTHER, (FLAG,), -2.0) == ("unclear", classify.DISAGREE)
    assert weighed(OTHER, (FLAG,), 0.0)[0] == "rejected"


def test_what_differs_is_named():
    assert weigh(OWN, PairSide(), (), schemas={}, margin=None, least_margin=1.0).difference == "missing call"
