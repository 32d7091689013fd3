"""The order of learning: everything once, sources interleaved, a seed and a part for each process."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xlam_backend.training.order import LearningOrder


def of_rank(order, rank, process_count, batch_size):
    """What a process gets of the order, as accelerate deals batches out."""
    numbers = list(order)
    batches = [numbers[at : at + batch_size] for at in range(0, len(numbers), batch_size)]
    return [number for batch in batches[rank::process_count] for number in batch]


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=60),
    st.integers(1, 4),
    st.integers(1, 5),
    st.integers(0, 9),
)
def test_every_example_is_seen_in_every_epoch_and_processes_have_as_many_batches(
    sources, process_count, batch_size, seed
):
    order = LearningOrder(sources, process_count=process_count, batch_size=batch_size, seed=seed)
    for order.epoch in (0, 1):
        seen = list(order)
        assert len(seen) == len(order)
        if len(sources) >= process_count:
            assert set(seen) == set(range(len(sources)))
        if process_count == 1:
            assert len(seen) == len(sources)
        else:
            parts = [of_rank(order, rank, process_count, batch_size) for rank in range(process_count)]
            assert len({len(part) for part in parts}) == 1
            assert all(len(part) % batch_size == 0 for part in parts)


def test_parts_do_not_overlap_and_stay_the_same_over_epochs():
    order = LearningOrder([0, 1] * 20, process_count=2, batch_size=5, seed=7)
    first = [set(of_rank(order, rank, 2, 5)) for rank in (0, 1)]
    before = list(order)
    order.epoch = 1
    assert [set(of_rank(order, rank, 2, 5)) for rank in (0, 1)] == first
    assert first[0] & first[1] == set()
    assert list(order) != before


def test_the_same_seed_and_epoch_give_the_same_order_and_others_another():
    def told(seed, epoch):
        order = LearningOrder([0] * 30, process_count=1, batch_size=4, seed=seed)
        order.epoch = epoch
        return list(order)

    assert told(1, 3) == told(1, 3)
    assert told(1, 3) != told(2, 3)
    assert told(1, 3) != told(1, 4)


def test_each_source_is_spread_over_the_whole_epoch():
    sources = [0] * 90 + [1] * 30
    order = LearningOrder(sources, process_count=1, batch_size=1, seed=0)
    numbers = list(order)
    for at in range(0, 120, 40):
        counts = Counter(sources[number] for number in numbers[at : at + 40])
        assert 8 <= counts[1] <= 12


@given(st.lists(st.integers(1, 99), min_size=1, max_size=90), st.integers(1, 3), st.integers(1, 4))
def test_by_length_every_example_is_seen_as_often(lengths, process_count, batch_size):
    plain, by_length = (
        LearningOrder(
            [0] * len(lengths),
            process_count=process_count,
            batch_size=batch_size,
            seed=3,
            lengths=given_lengths,
        )
        for given_lengths in (None, np.array(lengths))
    )
    assert len(by_length) == len(plain)
    assert Counter(by_length) == Counter(plain)


def test_by_length_batches_hold_what_is_alike_and_come_in_any_order():
    lengths = np.random.default_rng(0).permutation(160)
    order = LearningOrder([0] * 160, process_count=1, batch_size=8, seed=1, lengths=lengths)
    batches = lengths[list(order)].reshape(-1, 8)
    assert {int(np.ptp(batch)) for batch in batches} == {7}
    firsts = batches[:, 0].tolist()
    assert firsts != sorted(firsts)
    order.epoch = 1
    assert lengths[list(order)].reshape(-1, 8)[:, 0].tolist() != firsts
