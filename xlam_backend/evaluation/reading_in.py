"""Reads official result files in as evaluations: answers are scored here, and every fault is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.bfcl.categories import CALL_KINDS, Version
from xlam_backend.bfcl.decoding import DECODERS, decode
from xlam_backend.bfcl.decoding.base import UndecodableError
from xlam_backend.bfcl.decoding.first_edition import FIRST_EDITION
from xlam_backend.bfcl.question_files import QuestionSet, find_question_set
from xlam_backend.bfcl.reading import NATIVE, PROMPTED, DecoderName, Edition, Reading
from xlam_backend.bfcl.result_files import FaultKind, ModelResults, ResultFault, ResultItem, read_results
from xlam_backend.domain.content_hash import content_hash
from xlam_backend.domain.evaluation import Evaluation, EvaluationItem
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError
from xlam_backend.evaluation.answers import Answer
from xlam_backend.evaluation.scored import scored_items_as
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import list_evaluations, write_evaluation, write_items

LOOKED_AT = 200  # answers that decide which decoder reads a model best
MOST_FAULTS = 500


class HowToRead(msgspec.Struct, frozen=True, kw_only=True):
    """How answers are to be read; "auto" takes the decoder that reads calls in the most of them.

    `underscore_to_dot` None: as the way of asking implies. `only` names the models that are read in;
    () = all of the folder.
    """

    decoder: DecoderName | str = "auto"
    underscore_to_dot: bool | None = None
    version: Version | None = None
    only: tuple[str, ...] = ()


class ReadIn(msgspec.Struct, frozen=True):
    """One model that was read in, or why it was not (then `evaluation_no` is 0).

    `faults` are the first of them; `fault_counts` counts all.
    """

    model: str
    evaluation_no: int
    decoder: str
    item_count: int
    not_answered_count: int
    fault_counts: dict[FaultKind, int]
    faults: tuple[ResultFault, ...]
    refused: str = ""


def read_in(
    store: Store, place: Path, question_set: str, how: HowToRead, *, person: Person, now: datetime
) -> list[ReadIn]:
    """Read the results of a folder in, one evaluation for each model.

    Raises:
        UnknownNameError: there is no such question set.
        SourceUnreadableError: the folder holds no result files.
        SettingError: no model of the folder has the name that was asked for.
    """
    require(person, "evaluate")
    questions = find_question_set(store.folder, question_set)
    found = read_results(place, questions)
    chosen = [results for results in found if not how.only or results.model in how.only]
    if not chosen:
        raise SettingError(
            f"The folder has no results of {', '.join(how.only)}.",
            f"It has those of: {', '.join(results.model for results in found)}.",
        )
    names = (question_set, place.name)
    known = {
        (kept.model, kept.settings.get("answers")): kept.evaluation_no for kept in list_evaluations(store)
    }
    return [
        _read_in_model(store, results, questions, how, known, names, person=person, now=now)
        for results in chosen
    ]


def _read_in_model(
    store: Store,
    results: ModelResults,
    questions: QuestionSet,
    how: HowToRead,
    known: dict[tuple[str, Any], int],
    names: tuple[str, str],
    *,
    person: Person,
    now: datetime,
) -> ReadIn:
    question_set, origin = names
    reading = chosen_reading(results, questions, how)
    version = how.version or results.version
    answers_hash = content_hash(
        msgspec.json.encode((results.items, questions.hash, reading, version), order="deterministic")
    )
    refused = ""
    if same := known.get((results.model, answers_hash)):
        refused = f"These answers are here already, as evaluation {same}."
    elif not results.items:
        refused = "None of its answers can be scored."
    items = [] if refused else list(_items(results, questions, reading))
    number = 0
    if items:
        evaluation = Evaluation(
            evaluation_no=0,
            model=results.model,
            question_set=question_set,
            set_hash=questions.hash,
            version=version,
            mode="native" if results.is_native else "prompt",
            settings={
                "decoder": reading.decoder,
                "underscore_to_dot": reading.underscore_to_dot,
                "edition": reading.edition,
                "answers": answers_hash,
                "faults": results.fault_counts(),
            },
            source="read in",
            origin=origin,
            person=person.name,
            made_at=now,
        )
        number = _write(store, evaluation, items, person=person, now=now)
    return ReadIn(
        results.model,
        number,
        reading.decoder,
        len(items),
        sum(item.is_valid is None for item in items),
        results.fault_counts(),
        results.faults[:MOST_FAULTS],
        refused,
    )


def _write(
    store: Store, evaluation: Evaluation, items: list[EvaluationItem], *, person: Person, now: datetime
) -> int:
    with store.write() as cursor:
        number = write_evaluation(cursor, store, evaluation)
        write_items(cursor, number, items)
        detail = {"model": evaluation.model, "questions": len(items), "from": evaluation.origin}
        write_audit(cursor, store, person, "evaluate", f"evaluation {number}", detail, now=now)
    return number


def chosen_reading(results: ModelResults, questions: QuestionSet, how: HowToRead) -> Reading:
    """Return how a model's answers are read: as a person says, or as most of them can be."""
    if how.decoder != "auto":
        name = next((known.name for known in DECODERS if known.name == how.decoder), None)
        if name is None:
            raise SettingError(
                f"There is no decoder {how.decoder!r}.",
                f"Known: {', '.join(known.name for known in DECODERS)}.",
            )
        reading = NATIVE if name == NATIVE.decoder else msgspec.structs.replace(PROMPTED, decoder=name)
    else:
        reading = NATIVE if results.is_native else _best_reading(results, questions)
    edition: Edition = "v1" if (how.version or results.version) == "v1" else "v4"
    reading = msgspec.structs.replace(reading, edition=edition)
    if how.underscore_to_dot is None:
        return reading
    return msgspec.structs.replace(reading, underscore_to_dot=how.underscore_to_dot)


def _best_reading(results: ModelResults, questions: QuestionSet) -> Reading:
    by_id = questions.by_id()
    sample = [
        (item.output, by_id[item.id].its_category)
        for some in results.items.values()
        for item in some[: LOOKED_AT // 4]
        if by_id[item.id].its_category.kind in CALL_KINDS
    ][:LOOKED_AT]
    best, most = PROMPTED, -1
    for known in DECODERS:
        if known.name == NATIVE.decoder or (known in FIRST_EDITION and results.version != "v1"):
            continue
        count = sum(_reads_calls(output, known.name, category.language) for output, category in sample)
        if count > most:
            best, most = msgspec.structs.replace(PROMPTED, decoder=known.name), count
    return best


def _reads_calls(output: Any, decoder: Any, language: Any) -> bool:
    try:
        decoded = decode(output, decoder, language)
    except UndecodableError:
        return False
    return isinstance(decoded, list) and bool(decoded) and all(isinstance(call, dict) for call in decoded)


def _items(results: ModelResults, questions: QuestionSet, reading: Reading) -> Iterator[EvaluationItem]:
    places = {item_id: place for place, item_id in enumerate(questions.by_id())}
    answers = dict(_answers(results))
    asked = [
        question
        for name, some in questions.questions.items()
        if name in results.items or name in results.not_answered
        for question in some
    ]
    return scored_items_as(asked, answers, reading, places)


def _answers(results: ModelResults) -> Iterator[tuple[str, Answer]]:
    for some in results.items.values():
        yield from ((item.id, _answer(item)) for item in some)
    for reasons in results.not_answered.values():
        for item_id, reason in reasons.items():
            yield item_id, Answer(item_id=item_id, state="not answered", reason=reason)


def _answer(item: ResultItem) -> Answer:
    return Answer(
        item_id=item.id,
        state="answered",
        output=item.output,
        seconds=item.seconds,
        input_tokens=item.input_tokens,
        output_tokens=item.output_tokens,
    )
