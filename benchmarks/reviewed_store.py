"""Made-up ratings and verdicts: a small store reviewed through the desk, and a large one written in bulk.

    XLAM_DATA_DIR=/tmp/reviewed python -m benchmarks.reviewed_store --verdicts 100000

Every place has a hidden truth; judges and people see it with errors of their own, all decided by a seed.
The ratings carry the mark of the scripted model, because no model gave them.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa

from xlam_backend.domain.person import Person
from xlam_backend.domain.rating import Rating
from xlam_backend.domain.review import QueuePlan, VerdictDraft
from xlam_backend.flow import fill_with_demo_data
from xlam_backend.review.desk import claim_items, submit_verdict
from xlam_backend.review.queues import create_queue
from xlam_backend.settings import data_dir
from xlam_backend.store.bulk import insert_rows
from xlam_backend.store.connection import Store
from xlam_backend.store.ratings import write_ratings

NOW = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
LEAD = Person("rita", "researcher")
# How often each person sees the truth.
PEOPLE = {"ann": 0.93, "bob": 0.88, "eve": 0.76}
VERSIONS = {1: 0.75, 2: 0.86}  # how often each prompt version of the judge sees it


def review_small_store(store: Store, *, seed: int = 1) -> None:
    """Judge the store's trajectories, draw three queues, and answer most of their items as three people."""
    _rate(store, seed)
    plans = (
        QueuePlan("flagged calls", "finding", size=60, unflagged_share=0.5, repeat_share=0.1, overlap=2),
        QueuePlan(
            "hallucination",
            "rating",
            checks=("argument_hallucination",),
            strata=("score", "prompt"),
            unflagged_share=0.6,
            overlap=2,
        ),
        QueuePlan(
            "quality",
            "rating",
            checks=("step_quality",),
            strata=("score",),
            unflagged_share=3,
            repeat_share=0.1,
            overlap=3,
        ),
    )
    for plan in plans:
        queue_no = create_queue(store, msgspec.structs.replace(plan, seed=seed), person=LEAD, now=NOW)
        for name, skill in PEOPLE.items():
            _answer(store, queue_no, Person(name, "annotator"), skill, is_rated=plan.name == "quality")


def _rate(store: Store, seed: int) -> None:
    with store.cursor() as cursor:
        places = cursor.execute(
            "SELECT version_no, trajectory_no, step_count FROM current_trajectory WHERE step_count > 0"
        ).fetchall()
    ratings = []
    for version_no, trajectory_no, steps in places:
        for step in range(min(steps, 3)):
            place = (version_no, trajectory_no, step)
            ratings += [_word(place, version, skill, seed) for version, skill in VERSIONS.items()]
            ratings.append(_score(place, seed))
    with store.write() as cursor:
        write_ratings(cursor, store, ratings)


def _rating(place: tuple[int, int, int], judge: str, version: int) -> Rating:
    return Rating(
        run_id="made-up",
        judge=judge,
        subject="step",
        version_no=place[0],
        trajectory_no=place[1],
        step=place[2],
        model="scripted-1",
        prompt_name=f"judge_{judge}",
        prompt_version=version,
        prompt_hash=f"{judge}-{version}",
        input_hash="",
        rated_at=NOW,
        rationale="The value is said. " * (1 + place[0] % 9),
        is_scripted=True,
    )


def _word(place: tuple[int, int, int], version: int, skill: float, seed: int) -> Rating:
    luck = random.Random(f"{seed} word {version} {place}")
    is_flagged = is_bad_place(place[0], place[2], seed) == (luck.random() < skill)
    return msgspec.structs.replace(
        _rating(place, "argument_hallucination", version),
        verdict="unsupported" if is_flagged else "supported",
        is_flagged=is_flagged,
    )


def _score(place: tuple[int, int, int], seed: int) -> Rating:
    luck = random.Random(f"{seed} score {place}")
    quality = 1.8 if is_bad_place(place[0], place[2], seed) else 4.1
    # Kinder to later steps: a bias that the calibration should find.
    score = min(5, max(1, round(quality + 0.4 * place[2] + luck.gauss(0, 0.9))))
    return msgspec.structs.replace(
        _rating(place, "step_quality", 1), score=float(score), is_flagged=score <= 2
    )


def is_bad_place(version_no: int, step: int, seed: int) -> bool:
    """Return the hidden truth about a place: three in ten are bad."""
    return random.Random(f"{seed} truth {version_no} {step}").random() < 0.3


def _answer(store: Store, queue_no: int, person: Person, skill: float, *, is_rated: bool) -> None:
    """Answer what is due for a person, and leave the last few items open."""
    with store.cursor() as cursor:
        items = {
            row[0]: row[1:]
            for row in cursor.execute(
                "SELECT item_no, version_no, step, is_flagged FROM review_item WHERE queue_no = ?", [queue_no]
            ).fetchall()
        }
    moment = NOW
    while claims := claim_items(store, queue_no, person=person, count=50, now=moment):
        for claim in claims:
            version_no, step, is_flagged = items[claim.item_no]
            luck = random.Random(f"{person.name} {claim.item_no}")
            seconds = luck.lognormvariate(2.2, 0.5)
            moment += timedelta(seconds=seconds)
            is_bad = is_bad_place(version_no, max(step, 0), 1) == (luck.random() < skill)
            draft = VerdictDraft(
                f"{person.name}-{claim.item_no}",
                claim.item_no,
                claim.lease,
                "unsure" if luck.random() < 0.04 else "agree" if is_bad == is_flagged else "disagree",
                "drop" if is_bad else "keep",
                luck.choice((1, 2)) if is_bad else luck.choice((3, 4, 4, 5)),
                seconds=seconds,
            )
            if not is_rated:
                draft = msgspec.structs.replace(draft, rating=None)
            receipt = submit_verdict(store, draft, person=person, now=moment)
            if receipt.state == "refused":
                raise AssertionError(receipt.reason)


def write_large_store(
    store: Store, verdict_count: int, *, seed: int = 1, people: int = 8, checks: Sequence[str] = ()
) -> None:
    """Write a queue with half as many items as verdicts, two verdicts on each, in bulk."""
    generator = np.random.default_rng(seed)
    count = verdict_count // 2
    names = np.array(checks or ("step_quality", "argument_hallucination", "final_answer", "plan_quality"))
    is_bad = generator.random(count) < 0.3
    score = np.clip(np.round(np.where(is_bad, 1.8, 4.1) + generator.normal(0, 0.9, count)), 1, 5)
    first = store.numbers.reserve("item", count)
    rating_first = store.numbers.reserve("rating", count)
    queue_no = store.numbers.reserve("queue")
    plan = QueuePlan("large", "rating", overlap=2)
    columns = {
        "n": np.arange(count),
        "check_name": names[np.arange(count) % len(names)],
        "prompt_version": 1 + np.arange(count) // len(names) % 2,
        "score": score,
        "is_flagged": score <= 2,
    }
    given = _given_verdicts(generator, is_bad, score <= 2, people)
    verdict_first = store.numbers.reserve("verdict", 2 * count)
    with store.write() as cursor:
        cursor.execute(
            "INSERT INTO queue VALUES (?, ?, ?, ?, ?, ?)",
            [
                queue_no,
                plan.name,
                "rating",
                msgspec.json.encode(plan).decode(),
                "rita",
                NOW.replace(tzinfo=None),
            ],
        )
        insert_rows(cursor, _RATINGS, pa.table(columns), [rating_first])
        insert_rows(cursor, _ITEMS, pa.table(columns), [first, queue_no, rating_first])
        insert_rows(cursor, _VERDICTS, pa.table(given), [verdict_first, first, queue_no])


def _given_verdicts(
    generator: np.random.Generator, is_bad: np.ndarray, is_flagged: np.ndarray, people: int
) -> dict[str, np.ndarray]:
    count = len(is_bad)
    one = generator.integers(0, people, count)
    other = (one + generator.integers(1, people, count)) % people
    seen = np.repeat(is_bad, 2) == (generator.random(2 * count) < 0.88)
    rating = np.where(seen, generator.integers(1, 3, 2 * count), generator.integers(3, 6, 2 * count))
    return {
        "n": np.arange(2 * count),
        "item": np.repeat(np.arange(count), 2),
        "person": np.char.add("person ", np.column_stack((one, other)).ravel().astype(str)),
        "flag": np.where(seen == np.repeat(is_flagged, 2), "agree", "disagree"),
        "rating": rating,
        "seconds": generator.lognormal(2.2, 0.5, 2 * count),
    }


_RATINGS = """
INSERT INTO rating BY NAME SELECT
    $1 + n AS rating_no, 'made-up' AS run_id, check_name AS judge, 'step' AS subject,
    1 + n AS version_no, 1 + n AS trajectory_no, 0 AS step, -1 AS call, '' AS pointer, 0 AS candidate_no,
    'single' AS member, 'judged' AS state, '' AS not_judged_reason, '' AS verdict, score, 1.0 AS scale_low,
    5.0 AS scale_high, is_flagged, repeat('word ', (n % 40)::INTEGER) AS rationale, '{}' AS details,
    'scripted-1' AS model, '' AS endpoint, true AS is_scripted, 'judge_' || check_name AS prompt_name,
    prompt_version, check_name || prompt_version AS prompt_hash, '{}' AS settings, '' AS input_hash,
    '' AS raw_reply, 0 AS input_tokens, 0 AS output_tokens, NULL AS cost,
    TIMESTAMP '2026-01-01 09:00:00' AS rated_at
FROM added
"""

_ITEMS = """
INSERT INTO review_item BY NAME SELECT $1 + n AS item_no, $2 AS queue_no, n AS place, 'rating' AS kind,
    1 + n AS version_no, 1 + n AS trajectory_no, 0 AS finding_no, $3 + n AS rating_no, 0 AS pair_no,
    check_name, 0 AS step, -1 AS call, '' AS pointer,
    CASE WHEN is_flagged THEN 'low' ELSE 'high' END AS stratum,
    CASE WHEN is_flagged THEN 0.5 ELSE 0.1 END AS inclusion_probability, is_flagged, '' AS gold,
    0 AS repeats, false AS is_removed
FROM added
"""

_VERDICTS = """
INSERT INTO verdict BY NAME SELECT $1 + n AS verdict_no, 'e' || n AS entry_id, $2 + item AS item_no,
    $3 AS queue_no, person, '' AS lease, flag,
    CASE WHEN rating <= 2 THEN 'drop' ELSE 'keep' END AS disposition, rating,
    '' AS preference, '' AS reason, '{}' AS evidence, '' AS note, 0 AS act_no, seconds,
    false AS is_withdrawn, TIMESTAMP '2026-01-01 09:00:00' AS decided_at
FROM added
"""


def main() -> None:
    """Fill the store that XLAM_DATA_DIR names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--verdicts", type=int, default=0, help="also a large queue with so many verdicts")
    verdicts = parser.parse_args().verdicts
    store = Store.open(data_dir(), now=NOW)
    fill_with_demo_data(store, person=LEAD, now=NOW)
    review_small_store(store)
    if verdicts:
        write_large_store(store, verdicts)
    store.close()


if __name__ == "__main__":
    main()
