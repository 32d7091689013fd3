"""The desk against a plain model: whatever people do, in whatever order, with the process lost in between."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.review_queues import NOW, an_answer, annotator, make_queue
from xlam_backend.domain.review import MOST_UNDONE
from xlam_backend.errors import ReviewRefusedError
from xlam_backend.review.desk import (
    claim_items,
    queue_progress,
    release_items,
    skip_item,
    submit_verdict,
    undo_last,
)
from xlam_backend.review.desk_room import repeat_gap, room_of
from xlam_backend.store.connection import Store
from xlam_backend.store.verdicts import read_all_verdicts

PEOPLE = ("ann", "bob", "cai", "dee")
LEASE_SECONDS = 100
people = st.sampled_from(PEOPLE)


class Model:
    """What the desk must do, said as plainly as possible: sets that are searched from end to end."""

    def __init__(self, count, overlap, gold, repeats):
        self.places = range(count)
        self.overlap = overlap
        self.gold = gold
        self.repeats = repeats
        self.gap = repeat_gap(count - len(repeats))
        self.answers = []  # (person, place), in the order they were given
        self.leases = {}  # (person, place) -> (token, ends)
        self.skips = []  # (person, place), in order
        self.since = {}  # (person, place of a repeat) -> answers that person had

    def expire(self, now):
        self.leases = {key: lease for key, lease in self.leases.items() if lease[1] > now}

    def taken(self, place):
        return {who for who, where in [*self.answers, *self.leases] if where == place}

    def answered(self, person):
        return [place for who, place in self.answers if who == person]

    def held(self, person):
        return [place for who, place in self.leases if who == person]

    def may_answer(self, person, place):
        if (person, place) in self.answers:
            return False
        if (person, place) in self.leases:
            return True
        if place in self.repeats:
            return (person, self.repeats[place]) in self.answers
        return place in self.gold or len(self.taken(place)) < self.overlap

    def may_be_given(self, person, place):
        return self.may_answer(person, place) and (person, place) not in self.leases

    def next_places(self, person, count):
        free = [place for place in self.places if self.may_be_given(person, place)]
        skipped = [place for who, place in self.skips if who == person and place in free]
        plain = [place for place in free if place not in self.repeats and place not in skipped]
        waiting = [place for place in free if place in self.repeats and place not in skipped]
        waiting.sort(key=lambda place: self.answered(person).index(self.repeats[place]))
        given = len(self.answered(person))
        ripe = [place for place in waiting if given - self.since[person, place] >= self.gap]
        found = [*ripe, *plain, *skipped][:count]
        return found if found or self.held(person) else waiting[:count]

    def answer(self, person, place):
        is_new = (person, place) not in self.answers
        if not is_new:
            self.answers.remove((person, place))
        self.answers.append((person, place))
        self.leases.pop((person, place), None)
        self.skips = [skip for skip in self.skips if skip != (person, place)]
        for repeat, original in self.repeats.items():
            if original == place and is_new:
                self.since[person, repeat] = len(self.answered(person))

    def due(self, person):
        waiting = [place for place in self.places if self.may_answer(person, place)]
        return len(waiting)


class Desk(RuleBasedStateMachine):
    """People at one queue."""

    @initialize(
        count=st.integers(1, 12) | st.integers(8, 12),
        overlap=st.integers(1, 3),
        gold=st.sets(st.integers(0, 11), max_size=2),
        repeats=st.dictionaries(st.integers(6, 11), st.integers(0, 5), max_size=2),
    )
    def begin(self, count, overlap, gold, repeats):
        gold = {place for place in gold if place < count}
        chosen = {}
        for place, original in repeats.items():
            if place < count and not {place, original} & gold and original not in chosen.values():
                chosen[place] = original
        self.model = Model(count, overlap, gold, chosen)
        self.queue_no = make_queue(
            STORE, count, overlap=overlap, gold=gold, repeats=chosen, lease_seconds=LEASE_SECONDS
        )
        self.now = NOW
        self.first = room_of(STORE).desk(STORE, self.queue_no, NOW).first_item_no
        self.entries = {}  # entry id -> (draft, person)
        self.submitted = {name: [] for name in PEOPLE}  # every answer's place, in order, never shortened
        self.entry_count = 0
        self.old_leases = []

    def entry(self):
        self.entry_count += 1
        return f"{self.queue_no}-{self.entry_count}"

    @rule(person=people, count=st.integers(0, 6))
    def claim(self, person, count):
        held = self.model.held(person)[:count]
        more = self.model.next_places(person, count - len(held)) if count > len(held) else []
        claims = claim_items(STORE, self.queue_no, person=annotator(person), count=count, now=self.now)
        assert [claim.item_no - self.first for claim in claims] == [*held, *more]
        ends = self.now.replace(tzinfo=None) + timedelta(seconds=LEASE_SECONDS)
        for claim in claims:
            key = (person, claim.item_no - self.first)
            token, until = self.model.leases.get(key, (claim.lease, None))
            assert token == claim.lease
            if until is None or until - self.now.replace(tzinfo=None) < timedelta(seconds=LEASE_SECONDS / 2):
                self.model.leases[key] = (claim.lease, ends)
            self.model.skips = [skip for skip in self.model.skips if skip != key]
            self.old_leases.append((*key, claim.lease))

    @rule(person=people, data=st.data())
    def answer_what_is_held(self, person, data):
        held = self.model.held(person)
        if held:
            place = data.draw(st.sampled_from(held))
            self.submit(person, place, self.model.leases[person, place][0], "stored")

    @precondition(lambda self: self.old_leases)
    @rule(data=st.data())
    def answer_under_any_lease_ever_given(self, data):
        person, place, token = data.draw(st.sampled_from(self.old_leases))
        asker = data.draw(st.sampled_from([person, *PEOPLE]))
        runs = self.model.leases.get((asker, place), ("", None))[0] == token
        self.submit(
            asker, place, token, "stored" if runs or self.model.may_answer(asker, place) else "refused"
        )

    @rule(person=people, data=st.data())
    def answer_without_a_lease(self, person, data):
        place = data.draw(st.sampled_from(self.model.places))
        fits = (person, place) in self.model.answers or self.model.may_answer(person, place)
        self.submit(person, place, "", "stored" if fits else "refused")

    @precondition(lambda self: self.old_leases)
    @rule(data=st.data())
    def answer_another_item_than_the_lease_is_for(self, data):
        person, place, token = data.draw(st.sampled_from(self.old_leases))
        other = data.draw(st.sampled_from(self.model.places))
        if other != place:
            self.submit(person, other, token, "refused")

    def submit(self, person, place, token, expected):
        draft = an_answer(self.entry(), self.first + place, token)
        receipt = submit_verdict(STORE, draft, person=annotator(person), now=self.now)
        assert receipt.state == expected, receipt
        if expected == "stored":
            self.entries[draft.entry_id] = (draft, person)
            self.submitted[person].append(receipt.verdict_no)
            self.model.answer(person, place)
        else:
            assert receipt.reason

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def send_again(self, data):
        draft, person = self.entries[data.draw(st.sampled_from(sorted(self.entries)))]
        receipt = submit_verdict(STORE, draft, person=annotator(person), now=self.now)
        assert receipt.state == "repeated"
        other = next(name for name in PEOPLE if name != person)
        assert submit_verdict(STORE, draft, person=annotator(other), now=self.now).state == "refused"

    @rule(person=people, data=st.data())
    def skip(self, person, data):
        held = self.model.held(person)
        if not held:
            return
        place = data.draw(st.sampled_from(held))
        token = self.model.leases.pop((person, place))[0]
        for expected in (True, False):  # the second is the same skip, sent twice
            assert (
                skip_item(STORE, self.first + place, lease=token, person=annotator(person), now=self.now)
                is expected
            )
        self.model.skips = [skip for skip in self.model.skips if skip != (person, place)]
        self.model.skips.append((person, place))

    @rule(person=people, data=st.data())
    def release(self, person, data):
        held = self.model.held(person)
        chosen = data.draw(st.sets(st.sampled_from(held))) if held else set()
        items = [self.first + place for place in chosen]
        count = release_items(STORE, self.queue_no, person=annotator(person), item_nos=items, now=self.now)
        assert count == len(chosen)
        for place in chosen:
            del self.model.leases[person, place]

    @rule(person=people)
    def undo(self, person):
        answered = self.model.answered(person)
        try:
            undone = undo_last(STORE, self.queue_no, person=annotator(person), now=self.now)
        except ReviewRefusedError:
            assert not answered or len(self.submitted[person]) > MOST_UNDONE
            return
        place = undone.claim.item_no - self.first
        assert place == answered[-1]
        assert undone.verdict.verdict_no in self.submitted[person][-MOST_UNDONE:]
        self.model.answers.remove((person, place))
        for repeat, original in self.model.repeats.items():
            if original == place:
                self.model.since.pop((person, repeat), None)
        ends = self.now.replace(tzinfo=None) + timedelta(seconds=LEASE_SECONDS)
        self.model.leases[person, place] = (undone.claim.lease, ends)
        self.old_leases.append((person, place, undone.claim.lease))

    @rule(seconds=st.sampled_from([1, 40, 60, LEASE_SECONDS, 1000]))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)
        self.model.expire(self.now.replace(tzinfo=None))

    @rule(person=people, answers=st.integers(1, 4))
    def work_for_a_while(self, person, answers):
        for _ in range(answers):
            self.claim(person, 2)
            held = self.model.held(person)
            if held:
                self.submit(person, held[0], self.model.leases[person, held[0]][0], "stored")

    @rule(person=people, count=st.integers(1, 6))
    def take_items_and_give_them_back(self, person, count):
        for _ in range(2):
            self.claim(person, count)
        held = self.model.held(person)
        assert release_items(STORE, self.queue_no, person=annotator(person), now=self.now) == len(held)
        for place in held:
            del self.model.leases[person, place]

    @rule(is_lost=st.sampled_from([False, False, False, True]))
    def lose_the_process(self, is_lost):
        if is_lost:
            room_of(STORE).forget(self.queue_no)

    @invariant()
    def nobody_answers_twice_and_no_item_is_given_to_too_many(self):
        for place in self.model.places:
            if place not in self.model.gold and place not in self.model.repeats:
                assert len(self.model.taken(place)) <= self.model.overlap

    @invariant()
    def the_progress_is_true(self):
        model = self.model
        plain = [place for place in model.places if place not in model.gold and place not in model.repeats]
        verdicts = [place for _, place in model.answers if place in plain]
        for person in PEOPLE:
            progress = queue_progress(STORE, self.queue_no, person=annotator(person), now=self.now)
            assert progress.my_verdict_count == len(model.answered(person))
            assert progress.my_held_count == len(model.held(person))
            assert progress.my_due_count == model.due(person)
        assert (progress.item_count, progress.verdict_count) == (len(plain), len(verdicts))
        assert progress.done_count == sum(verdicts.count(place) >= model.overlap for place in plain)

    def teardown(self):
        """The log holds every acknowledged answer once, and ends where the model ends."""
        if not hasattr(self, "model"):
            return
        log = read_all_verdicts(STORE, self.queue_no)
        stored = [row.entry_id for row in log if not row.is_withdrawn]
        assert sorted(stored) == sorted(self.entries)
        last = {}
        for row in log:
            last[row.person, row.item_no - self.first] = row
        counted = {key for key, row in last.items() if not row.is_withdrawn}
        assert counted == set(self.model.answers)
        room_of(STORE).forget(self.queue_no)


_FOLDER = tempfile.TemporaryDirectory(prefix="xlam-desk-")
STORE: Store


def setup_module():
    global STORE
    STORE = Store.open(Path(_FOLDER.name), now=NOW)


def teardown_module():
    STORE.close()
    _FOLDER.cleanup()


Desk.TestCase.settings = settings(max_examples=30, stateful_step_count=40)
TestDesk = Desk.TestCase
