"""How far reviewers agree: with each other, with themselves, and with known answers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from operator import attrgetter
from typing import NamedTuple

import msgspec

from xlam_backend.review.questions import (
    Question,
    QuestionName,
    answer_to,
    choose_question,
    count_asked,
    is_known_answer,
)
from xlam_backend.statistics.accuracy import SelfAgreement, self_agreement, share_equal
from xlam_backend.statistics.bootstrap import INTERVAL_SEED
from xlam_backend.statistics.cohen import quick_kappa
from xlam_backend.statistics.estimate import Estimate
from xlam_backend.statistics.fleiss import FleissKappa, fleiss_kappa
from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.statistics.krippendorff import krippendorff_alpha
from xlam_backend.statistics.label_budget import labels_for_width
from xlam_backend.statistics.quartiles import Quartiles, quartiles
from xlam_backend.store.connection import Store
from xlam_backend.store.review_answers import AnswerRow, count_answers, read_answers
from xlam_backend.store.review_queues import read_queues

Given = list[tuple[str, str]]  # who answered what


class QueueChoice(msgspec.Struct, frozen=True):
    """A queue that has answers."""

    queue_no: int
    name: str
    verdict_count: int


class AgreementChoices(msgspec.Struct, frozen=True):
    """What can be looked at: queues, and checks or judges, that somebody has answered items of."""

    queues: tuple[QueueChoice, ...]
    checks: tuple[str, ...]


class GroupAgreement(msgspec.Struct, frozen=True):
    """Agreement on the items of one check in one queue; queue 0 and check "" stand for all together.

    `verdict_count` and `item_count` count what was answered, `shared_count` the items that two or more
    people answered. `same` is the share of those on which all gave one answer. `wanted_count` is how
    many shared items would narrow alpha's interval to +-0.10, None where alpha has no interval.
    """

    queue_no: int
    queue: str
    check: str
    verdict_count: int
    item_count: int
    shared_count: int
    same: Rate
    alpha: Estimate
    fleiss: FleissKappa
    wanted_count: int | None


class PairAgreement(msgspec.Struct, frozen=True):
    """Cohen's kappa of two people on the items both answered."""

    first: str
    second: str
    same: Rate
    kappa: Estimate


class PersonAgreement(msgspec.Struct, frozen=True):
    """One person's work: how much, how fast, how steady, how right.

    `with_others` is the share of other people's answers to the same items that are the same as theirs.
    """

    person: str
    verdict_count: int
    seconds: Quartiles
    unsure: Rate
    with_others: Rate
    repeats: SelfAgreement
    gold: Rate


class AgreementReport(msgspec.Struct, frozen=True):
    """Agreement on one question: in all, by queue and check, by pair of people, by person.

    `asked` says how many answers each question has.
    """

    question: Question
    asked: dict[QuestionName, int]
    verdict_count: int
    overall: GroupAgreement
    groups: tuple[GroupAgreement, ...]
    people: tuple[PersonAgreement, ...]
    pairs: tuple[PairAgreement, ...]


def read_agreement_choices(store: Store) -> AgreementChoices:
    """Return the queues and checks that have answers."""
    counts = count_answers(store)
    by_queue: Counter[int] = Counter()
    for count in counts:
        by_queue[count.queue_no] += count.answer_count
    names = _queue_names(store)
    return AgreementChoices(
        tuple(QueueChoice(number, names.get(number, ""), by_queue[number]) for number in sorted(by_queue)),
        tuple(sorted({count.check for count in counts if count.check})),
    )


def read_agreement(
    store: Store, queue_no: int = 0, check: str = "", question: str = "", *, seed: int = INTERVAL_SEED
) -> AgreementReport:
    """Return the agreement on a question, of one queue (0: all) and one check (""; all).

    Without a question (or with one nobody answered) it is the one that was answered most often.
    """
    rows = [row for row in read_answers(store, queue_no) if not check or row.check == check]
    asked = count_asked(rows)
    chosen = choose_question(asked, question)
    names = _queue_names(store)
    given_to = attrgetter(chosen.name)
    answered = [row for row in rows if given_to(row)]
    sample = _sample(answered, chosen.name)
    by_group: dict[tuple[int, str], dict[int, Given]] = defaultdict(dict)
    for row in answered:
        if row.item_no in sample:
            by_group[row.queue_no, row.check][row.item_no] = sample[row.item_no]
    groups = [
        _agree(group, chosen, queue=(number, names.get(number, "")), check=name, seed=seed)
        for (number, name), group in sorted(by_group.items())
    ]
    return AgreementReport(
        chosen,
        asked,
        len(rows),
        _agree(sample, chosen, queue=(queue_no, names.get(queue_no, "")), check=check, seed=seed),
        tuple(groups),
        _people(rows, _AboutPeople(sample, _repeats(answered, chosen.name), _golds(answered)), chosen, seed),
        _pairs(sample, chosen),
    )


def _queue_names(store: Store) -> dict[int, str]:
    return {queue.queue_no: queue.plan.name for queue in read_queues(store)}


def _sample(rows: Iterable[AnswerRow], question: QuestionName) -> dict[int, Given]:
    """Return who answered what, by item; gold items and repeats are no part of the sample."""
    answers: dict[int, Given] = {}
    given_to = attrgetter(question)
    for row in rows:
        if not row.gold and not row.repeats:
            answers.setdefault(row.item_no, []).append((row.person, given_to(row)))
    return answers


def _agree(
    sample: Mapping[int, Given], question: Question, *, queue: tuple[int, str], check: str, seed: int
) -> GroupAgreement:
    shared = [[answer for _, answer in given] for given in sample.values() if len(given) > 1]
    alpha = krippendorff_alpha(shared, question.domain, measure=question.measure, seed=seed)
    wanted = None
    if alpha.low is not None and alpha.high is not None:
        wanted = labels_for_width(alpha.n, alpha.low, alpha.high)
    return GroupAgreement(
        *queue,
        check,
        sum(map(len, sample.values())),
        len(sample),
        len(shared),
        rate(sum(len(set(given)) == 1 for given in shared), len(shared)),
        alpha,
        fleiss_kappa(shared, question.domain, seed=seed),
        wanted,
    )


def _pairs(sample: Mapping[int, Given], question: Question) -> tuple[PairAgreement, ...]:
    together: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for given in sample.values():
        for (first, answer), (second, other) in combinations(sorted(given), 2):
            together[first, second].append((answer, other))
    return tuple(
        PairAgreement(
            first,
            second,
            share_equal(answers),
            quick_kappa(answers, question.domain, weights=question.weights),
        )
        for (first, second), answers in sorted(together.items())
    )


class _AboutPeople(NamedTuple):
    """What people are held against: each other, themselves, and known answers."""

    sample: Mapping[int, Given]
    repeats: Mapping[str, list[tuple[str, str]]]
    golds: Mapping[str, Rate]


def _people(
    rows: Sequence[AnswerRow], about: _AboutPeople, question: Question, seed: int
) -> tuple[PersonAgreement, ...]:
    by_person: dict[str, list[AnswerRow]] = defaultdict(list)
    for row in rows:
        by_person[row.person].append(row)
    same = _same_as_others(about.sample)
    return tuple(
        PersonAgreement(
            person,
            len(theirs),
            quartiles([row.seconds for row in theirs]),
            rate(sum(row.flag == "unsure" for row in theirs), sum(bool(row.flag) for row in theirs)),
            rate(*same.get(person, (0, 0))),
            self_agreement(
                about.repeats.get(person, []), question.domain, weights=question.weights, seed=seed
            ),
            about.golds.get(person, rate(0, 0)),
        )
        for person, theirs in sorted(by_person.items())
    )


def _same_as_others(sample: Mapping[int, Given]) -> dict[str, tuple[int, int]]:
    """Return for each person how many answers of others they share, and of how many."""
    found: dict[str, tuple[int, int]] = {}
    for given in sample.values():
        answers = [answer for _, answer in given]
        for person, answer in given:
            hits, total = found.get(person, (0, 0))
            found[person] = (hits + answers.count(answer) - 1, total + len(given) - 1)
    return found


def _repeats(rows: Sequence[AnswerRow], question: QuestionName) -> dict[str, list[tuple[str, str]]]:
    """Return for each person their first and second answer to what they were shown twice."""
    first = {(row.item_no, row.person): answer_to(question, row) for row in rows if not row.repeats}
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        before = first.get((row.repeats, row.person)) if row.repeats else None
        if before is not None:
            found[row.person].append((before, answer_to(question, row)))
    return found


def _golds(rows: Iterable[AnswerRow]) -> dict[str, Rate]:
    """Return for each person how often they gave the known answer; ratings may lie one point beside it."""
    found: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        is_right = is_known_answer(row)
        if is_right is not None:
            found[row.person].append(is_right)
    return {person: rate(sum(rights), len(rights)) for person, rights in found.items()}
