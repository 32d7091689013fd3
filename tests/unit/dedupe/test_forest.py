"""Joining: a spanning forest joins at every threshold exactly what all pairs join."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from xlam_backend.dedupe.forest import connected_parts, spanning_forest


def parts_by_walking(count, links):
    """The slow and plain way."""
    parent = list(range(count))

    def root(node):
        while parent[node] != node:
            node = parent[node]
        return node

    for left, right in links:
        a, b = sorted((root(left), root(right)))
        parent[b] = a
    return [root(node) for node in range(count)]


GRAPHS = st.integers(1, 12).flatmap(
    lambda count: st.tuples(
        st.just(count),
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=40),
    )
)


def columns(links):
    return np.array([left for left, _ in links], int), np.array([right for _, right in links], int)


@given(GRAPHS)
def test_connected_parts_are_those_found_by_walking(graph):
    count, links = graph
    assert connected_parts(count, *columns(links)).tolist() == parts_by_walking(count, links)


@given(GRAPHS)
def test_every_beginning_of_the_links_is_joined_by_the_forest_alone(graph):
    count, links = graph
    kept = spanning_forest(count, *columns(links)).tolist()
    assert len(kept) < count
    for end in range(len(links) + 1):
        wanted = parts_by_walking(count, links[:end])
        assert parts_by_walking(count, [links[at] for at in kept if at < end]) == wanted
