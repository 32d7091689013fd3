"""Pairs of near-duplicates as review items: drawn by bands, answered at the desk, counted as precision."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from tests.builders import AN_ADMIN, a_call, a_trajectory
from tests.near_duplicates import search_store
from tests.review_queues import NOW, RESEARCHER, annotator
from xlam_backend.dedupe.clusters import list_clusters
from xlam_backend.dedupe.decisions import decide
from xlam_backend.domain.adjudication import AdjudicationDraft, Answer
from xlam_backend.domain.near_duplicate import ClusterQuery, SearchSettings
from xlam_backend.domain.review import QueuePlan, VerdictDraft
from xlam_backend.domain.similarity_band import Band, bands_above, bands_below
from xlam_backend.errors import NotFoundError, ReviewRefusedError, SettingError
from xlam_backend.review.adjudication import adjudicate
from xlam_backend.review.calibration import read_calibration
from xlam_backend.review.desk import claim_items, queue_progress, submit_verdict
from xlam_backend.review.desk_exchange import Message, exchange
from xlam_backend.review.dispositions import count_dispositions
from xlam_backend.review.duplicate_precision import SampledPair, precision_of_sample, read_precision
from xlam_backend.review.item_view import view_item
from xlam_backend.review.queues import create_queue, preview_queue
from xlam_backend.store.duplicate_items import read_duplicate_items
from xlam_backend.store.removal import remove_dataset
from xlam_backend.store.review_items import read_item

ANN = annotator("ann")
WORDS = "tell me what the weather will be like tomorrow in the city of Oslo"
ENDINGS = ["please", "now", "thanks", "morning", "evening", "soon", "today", "early", "later", "quickly"]
PLAN = QueuePlan("pairs", "duplicate", unflagged_share=1.0, threshold=0.94)


@pytest.fixture
def searched(store, fill, tmp_path):
    """Two datasets of requests that are worded alike and call the same."""
    call = [a_call(city="Oslo")]
    fill("one", [a_trajectory(call, query=f"{WORDS} {word}") for word in ENDINGS])
    fill("two", [a_trajectory(call, query=f"{WORDS} {word} dear") for word in ENDINGS[:4]])
    return search_store(
        store, tmp_path / "job", now=NOW, settings=SearchSettings(threshold=0.9, lowest_same_calls=0.5)
    )


def draw(store, **more):
    return create_queue(store, msgspec.structs.replace(PLAN, **more), person=RESEARCHER, now=NOW)


def answer_all(store, queue_no, word_of, *, person=ANN):
    answered = []
    while claims := claim_items(store, queue_no, person=person, count=50, now=NOW):
        others = read_duplicate_items(store, [claim.item_no for claim in claims])
        for claim in claims:
            word = word_of(others[claim.item_no])
            draft = VerdictDraft(f"{person.name}-{claim.item_no}", claim.item_no, claim.lease, word)
            assert submit_verdict(store, draft, person=person, now=NOW).state == "stored"
            answered.append(others[claim.item_no])
    return answered


def test_bands_lie_around_the_threshold_and_stand_in_order():
    bands = [*bands_below(0.85), *bands_above(0.85)]
    assert [band.low for band in bands[1:]] == [band.high for band in bands[:-1]]
    assert (bands[0].low, bands[-1].high) == (0.75, 1.0)
    assert [band.words for band in bands] == sorted(band.words for band in bands)
    assert bands_above(1.0) == [Band(1.0, 1.0)]


def test_each_pair_is_drawn_from_its_band_with_its_probability(store, searched):
    preview = preview_queue(store, msgspec.structs.replace(PLAN, size=6))
    assert {stratum.is_flagged for stratum in preview.strata} == {True, False}
    queue_no = draw(store, size=6)
    by_stratum = {stratum.name: stratum for stratum in preview.strata}
    claims = claim_items(store, queue_no, person=ANN, count=50, now=NOW)
    assert len(claims) == preview.item_count
    for claim in claims:
        item = read_item(store, claim.item_no)
        other = read_duplicate_items(store, [item.item_no])[item.item_no]
        stratum = by_stratum[item.stratum]
        low, high = map(float, item.stratum.split(" to "))
        assert np.float32(low) <= np.float32(other.similarity)
        assert other.similarity < high or high == 1.0
        is_above = bool(np.float32(other.similarity) >= np.float32(0.94))
        assert item.is_flagged is is_above is stratum.is_flagged
        assert item.inclusion_probability == stratum.probability == stratum.drawn / stratum.population


def test_without_a_search_nothing_can_be_drawn(store):
    with pytest.raises(SettingError, match="No near-duplicates were looked for yet"):
        preview_queue(store, PLAN)


def test_the_desk_shows_both_samples_with_what_differs_marked(store, searched):
    queue_no = draw(store)
    view = exchange(store, queue_no, Message(1), person=ANN, now=NOW).items[0].view
    assert (view.kind, view.answer) == ("duplicate", "same")
    sides = (view.samples.left, view.samples.right)
    assert all(side.request.text.startswith(WORDS) for side in sides)
    marked = {side.request.text[start:end] for side in sides for start, end, _ in side.request.marks}
    assert marked
    assert all(WORDS not in words for words in marked)
    assert [row.kind for row in view.samples.rows] == ["same"]
    assert not (view.edit_text)
    assert not (view.repairs)
    assert not (view.guideline.usual)


def test_nothing_follows_for_the_records(store, searched):
    queue_no = draw(store)
    (claim,) = claim_items(store, queue_no, person=ANN, count=1, now=NOW)
    for unfit in ({"disposition": "drop", "flag": "agree"}, {"rating": 2}, {"preference": "chosen"}, {}):
        draft = VerdictDraft("unfit", claim.item_no, claim.lease, **unfit)
        assert submit_verdict(store, draft, person=ANN, now=NOW).state == "refused"
    before = count_dispositions(store)
    answer_all(store, queue_no, lambda _: "agree")
    assert count_dispositions(store) == before
    assert read_calibration(store) == ()
    last = AdjudicationDraft(claim.item_no, Answer("agree", "drop"), "other")
    with pytest.raises(ReviewRefusedError, match="decided with the cluster"):
        adjudicate(store, last, person=RESEARCHER, now=NOW)


def test_when_all_is_answered_the_precision_is_the_truth(store, searched):
    def truth(other):
        return "agree" if other.near_pair_no % 3 else "disagree"

    pairs = answer_all(store, draw(store), truth)
    known = read_precision(store, searched)
    for point in known.points:
        above = [pair for pair in pairs if np.float32(pair.similarity) >= np.float32(point.threshold)]
        if point.threshold < 0.84:
            assert point.source == ""  # nobody was asked about pairs down there
        elif above:
            assert point.source == "sampled pairs"
            right = sum(truth(pair) == "agree" for pair in above)
            assert (point.share.hits, point.share.total) == (right, len(above))
            assert point.share.share == pytest.approx(right / len(above))
            assert point.share.low <= point.share.share <= point.share.high
    assert sum(band.share.total for band in known.bands) == len(pairs)


def test_an_uneven_draw_is_weighed_back():
    """Of 1,000 pairs high up 90 % are the same, of 50 near the threshold 20 %; 40 are asked of each."""
    high = [SampledPair(0.99, at % 10 > 0, "high", 40 / 1000, Band(0.9, 1.0), 0.8) for at in range(40)]
    near = [SampledPair(0.81, at % 5 == 0, "near", 40 / 50, Band(0.8, 0.9), 0.8) for at in range(40)]
    truth = (900 + 10) / 1050
    found = precision_of_sample([*high, *near], 0.8, seed=1)
    assert (found.hits, found.total) == (36 + 8, 80)
    assert found.share == pytest.approx(truth)
    assert found.low < truth < found.high
    assert precision_of_sample([*high, *near], 0.9, seed=1).share == pytest.approx(0.9)
    assert precision_of_sample([*high, *near], 0.7, seed=1).share is None


def test_clusters_speak_only_until_people_answered_a_sample(store, searched):
    (line,) = list_clusters(store, searched, ClusterQuery(0.9)).clusters
    decide(store, searched, line.number, "keep one", threshold=0.9, person=RESEARCHER, now=NOW)
    assert read_precision(store, searched).at(0.95).source == "decided clusters"
    queue_no = draw(store)
    assert read_precision(store, searched).at(0.95).source == "decided clusters"
    answer_all(store, queue_no, lambda _: "disagree")
    known = read_precision(store, searched).at(0.95)
    assert (known.source, known.share.share) == ("sampled pairs", 0.0)


def test_an_item_goes_with_either_of_its_records(store, searched, tmp_path):
    queue_no = draw(store)
    first = claim_items(store, queue_no, person=ANN, count=50, now=NOW)
    count = queue_progress(store, queue_no, person=ANN, now=NOW).item_count
    (two,) = [number for number, name in dataset_names(store).items() if name == "two"]
    removal = remove_dataset(store, two, person=AN_ADMIN, now=NOW)
    gone = [claim.item_no for claim in first if read_item(store, claim.item_no).is_removed]
    assert gone
    assert removal.review_item_count == sum(
        read_item(store, number).is_removed for number in item_numbers(store)
    )
    with pytest.raises(NotFoundError):
        view_item(store, gone[0], person=ANN, now=NOW)
    assert queue_progress(store, queue_no, person=ANN, now=NOW).item_count < count
    search_store(store, tmp_path / "again", now=NOW, run_id="newer")
    left = exchange(store, queue_no, Message(1), person=ANN, now=NOW)
    assert left.items
    assert not {held.view.item_no for held in left.items} & set(gone)
    answer_all(store, queue_no, lambda _: "agree")
    assert read_precision(store, searched).at(0.95).share.share == 1.0


def dataset_names(store):
    with store.cursor() as cursor:
        return dict(cursor.execute("SELECT dataset_no, name FROM dataset").fetchall())


def item_numbers(store):
    with store.cursor() as cursor:
        return [row[0] for row in cursor.execute("SELECT item_no FROM review_item").fetchall()]
