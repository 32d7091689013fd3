"""How alike tools are: the same is 1, rare words count more, a name without a word in common is not near."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlam_backend.feedback.signatures import NEAR, SAME, SignatureSearch, ToolSignature

NAMES = st.lists(
    st.sampled_from(("get", "weather", "forecast", "city", "send", "mail", "order")), min_size=1, max_size=3
).map("_".join)
SIGNATURES = st.builds(
    ToolSignature, NAMES, st.lists(NAMES, max_size=3, unique=True).map(lambda names: tuple(sorted(names)))
)


def found(known, wanted):
    return [(known[match.number].name, match.likeness) for match in SignatureSearch(known).find(wanted)]


@pytest.mark.parametrize("name", ["get_weather", "getWeather", "Get.Weather"])
def test_the_same_tool_comes_first_in_any_spelling(name):
    known = [ToolSignature("get_weather_alerts", ("city",)), ToolSignature(name, ("city",))]
    (first, likeness), *others = found(known, ToolSignature("get_weather", ("city",)))
    assert (first, likeness) == (name, SAME)
    assert all(likeness < SAME for _, likeness in others)


def test_rare_words_count_more_than_frequent_ones():
    known = [ToolSignature(f"get_{thing}", ()) for thing in ("car", "dog", "song", "film", "book", "team")]
    known += [ToolSignature("get_weather", ()), ToolSignature("report_weather", ())]
    assert [name for name, _ in found(known, ToolSignature("get_weather_forecast", ()))] == [
        "get_weather",
        "report_weather",
    ]


def test_what_shares_no_word_of_the_name_is_not_near():
    known = [ToolSignature("send_mail", ("city", "days"))]
    assert found(known, ToolSignature("forecast", ("city", "days"))) == []


@given(st.lists(SIGNATURES, min_size=1, max_size=8, unique=True), SIGNATURES)
def test_likeness_is_in_order_within_bounds_and_1_for_the_same_alone(known, wanted):
    matches = SignatureSearch(known).find(wanted)
    values = [match.likeness for match in matches]
    assert values == sorted(values, reverse=True)
    assert all(NEAR <= value <= SAME for value in values)
    same = {known[match.number] for match in matches if match.likeness == SAME}
    bare = (wanted.name.replace("_", ""), wanted.parameters)
    assert same == {
        one for one in known if (one.name.replace("_", ""), one.parameters) == bare and one in same
    }
    assert (wanted in same) == (wanted in known)
