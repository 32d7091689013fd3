"""What stands against a trajectory, and its licence, hold for whatever was made of it."""

from __future__ import annotations

from tests.builders import A_RESEARCHER, a_call, a_trajectory
from xlam_backend.curation import evaluation_sets
from xlam_backend.curation.licences import set_record_licence, set_source_licence
from xlam_backend.mixture.pool import read_pool
from xlam_backend.store.mixture_rows import read_marks
from xlam_backend.store.trajectories import read_trajectories

_MADE = """
INSERT INTO derivation VALUES ({made}, {parent}, {parent}, 'ab', 'augmented', 'null', '', false, 7, '{{}}',
    'run', '2026-01-04')
"""


def filled(store, fill):
    """Trajectories 1 to 3 as imported; 4 made of 1, 5 made of 4, and 6 made of one that is not there."""
    for name, cities in (("weather", ("Oslo", "Rome", "Bern")), ("made", ("Paris", "Lyon", "Nice"))):
        fill(name, [a_trajectory([a_call(city=city)], query=city) for city in cities])
    with store.write() as cursor:
        for made, parent in ((4, 1), (5, 4), (6, 99)):
            cursor.execute(_MADE.format(made=made, parent=parent))


def permalink(store, number):
    (stored,) = read_trajectories(store, [number])
    return stored.trajectory_id


def test_what_stands_against_a_trajectory_stands_against_what_was_made_of_it(store, fill, now):
    filled(store, fill)
    assert read_marks(store).contaminated.tolist() == []
    evaluation_sets.mark(store, 1, is_evaluation=True, person=A_RESEARCHER, now=now)
    assert read_marks(store).contaminated.tolist() == [1, 2, 3, 4, 5]


def test_the_licence_of_what_was_made_is_that_of_its_origin_as_it_counts_today(store, fill, now):
    filled(store, fill)

    def licences():
        pool = read_pool(store)
        rows = zip(pool.columns.trajectory_no.tolist(), pool.licence_place.tolist(), strict=True)
        return {number: pool.licences[place].key for number, place in rows}

    set_source_licence(store, "made", "mit", person=A_RESEARCHER, now=now)
    set_source_licence(store, "weather", "apache-2.0", person=A_RESEARCHER, now=now)
    before = licences()
    assert before[1] == before[4] == before[5] != before[6]
    set_record_licence(store, permalink(store, 1), "cc-by-nc-4.0", person=A_RESEARCHER, now=now)
    after = licences()
    assert after[1] == after[4] == after[5] not in (before[1], before[6])
    set_record_licence(store, permalink(store, 5), "mit", person=A_RESEARCHER, now=now)
    assert licences()[5] == before[6]
