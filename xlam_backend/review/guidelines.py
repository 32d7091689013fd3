"""What a reviewer is asked about an item, and what each answer means: in our own words, by check or judge."""

from __future__ import annotations

import msgspec

from xlam_backend.checks import ALL_CHECKS
from xlam_backend.checks.explanation import explain
from xlam_backend.domain.review import Disposition, Flag, ItemKind, ReviewItem
from xlam_backend.judges import JUDGES


class Guideline(msgspec.Struct, frozen=True):
    """The guideline of one kind of item.

    `question` is what is asked; `agree` and `disagree` say what each answer means; `sections` are
    (heading, words) to read at leisure; `usual` is the disposition that usually goes with each flag;
    `wrong_flag` the flag that goes with mending or dropping the record.
    """

    title: str
    question: str
    agree: str
    disagree: str
    sections: tuple[tuple[str, str], ...] = ()
    usual: dict[Flag, Disposition] = msgspec.field(default_factory=dict)
    wrong_flag: Flag = "agree"


class _Words(msgspec.Struct, frozen=True):
    """The row of one check in the table of questions."""

    question: str
    agree: str
    disagree: str
    on_agree: Disposition = "drop"


_USUAL_DISAGREE: Disposition = "keep"

# By check; what is not here gets the words of _OTHER.
_WORDS: dict[str, _Words] = {
    "undefined_function": _Words(
        "Is the called function really not on offer?",
        "the name is not among the tools",
        "it is one of the tools under another spelling: the check is wrong",
    ),
    "undefined_argument": _Words(
        "Is this argument really none of the tool's parameters?",
        "the tool does not declare it",
        "the tool takes it: its schema is incomplete",
    ),
    "missing_argument": _Words(
        "Does the call really need the argument it leaves out?",
        "the tool cannot do without it",
        "it is optional, or has a default",
    ),
    "argument_type": _Words(
        "Is the value really of the wrong type?",
        "the tool would refuse it, or read it wrongly",
        "the tool can take it as it is",
        "fix",
    ),
    "enum_violation": _Words(
        "Is the value really not one of those the tool allows?",
        "the tool would refuse it",
        "it is an allowed value, only written differently",
        "fix",
    ),
    "ungrounded_value": _Words(
        "Was this value made up?",
        "nothing said before the call supports it",
        "it follows from what was said: select the words that support it, then disagree",
    ),
    "value_provenance": _Words(
        "Does this value come out of nowhere?",
        "nothing said before the call supports it",
        "it follows from what was said: select the words that support it, then disagree",
    ),
    "value_before_source": _Words(
        "Does the call use a value before anything could have told it?",
        "the value only appears later",
        "it was known already, or follows from something earlier",
    ),
    "placeholder_value": _Words(
        "Is the value a stand-in instead of a real value?",
        "it was never filled in",
        "it is the real value",
    ),
    "repeated_call": _Words(
        "Is the call a needless repetition?",
        "it brings nothing that an earlier call has not brought",
        "it is needed: something changed, or the first one failed",
    ),
    "unreadable_call": _Words(
        "Can the call really not be read?",
        "it is no call a tool could answer",
        "it can be read",
    ),
}
_OTHER = _Words(
    "Is what the check says true?",
    "it is as the check says",
    "the check is wrong here",
)
_UNFLAGGED = _Words(
    "No check flags this call. Is it right?",
    "nothing is wrong with it",
    "something is wrong: say what in a note",
    "keep",
)
_CLAIM_UNSUPPORTED = _Words(
    "Claim: this value is made up. Nothing said before the call supports it.",
    "true: it is unsupported",
    "false: it follows from what was said (select the supporting words first)",
)
_CLAIM_BAD = _Words(
    "Claim: there is a mistake at the marked place.",
    "true: there is a mistake",
    "false: it is right",
)
_QUALITY = _Words(
    "How good is it, from 1 (useless) to 5 (could not be better)?",
    "the judge is within one point",
    "the judge is off by more than one point",
    "keep",
)
_MACHINE_JUDGE = _Words(
    "Is what the judge says true?",
    "it is as the judge says",
    "the judge is wrong here",
)
_PAIR = _Words(
    "Which side is the better answer to the request at this point?",
    "",
    "",
    "keep",
)

_DUPLICATE = _Words(
    "Are these two the same training sample?",
    "the same: training on one of them teaches all that both would",
    "different: both are worth training on",
)
_DUPLICATE_SECTION = (
    "Two samples are the same when the requests ask for the same thing, whatever the words, and the same "
    "calls are right for both. They are different when a value, a condition or what is wanted differs, or "
    "when the wording itself is worth learning from. Nothing is dropped by your answer: it measures how "
    "often alike words mean the same sample."
)

_SCALE = (
    "5  does what was asked, with nothing missing and nothing needless\n"
    "4  does what was asked; a small flaw that changes nothing\n"
    "3  mostly right; something is missing or needless\n"
    "2  a mistake that spoils the result\n"
    "1  useless, harmful, or about something else"
)
_PAIR_SECTION = (
    "Look at the calls before the words. A side is better when its calls do what was asked with the right "
    "tool, all it needs, nothing more, and values that were really said. Equal: you would train on either. "
    "Both bad: you would train on neither. Then name the gravest thing that is wrong with the other side."
)


def guideline_of(item: ReviewItem, *, is_scored: bool = False, is_hidden: bool = True) -> Guideline:
    """Return the guideline of an item.

    Args:
        item: what is to be answered.
        is_scored: the judge gives a score, so that the answer is a rating.
        is_hidden: what the judge says is not shown before the answer.
    """
    if item.kind == "pair":
        return _guideline("Preferred side", _PAIR, (("How to choose", _PAIR_SECTION),))
    if item.kind == "duplicate":
        sections = (("How to tell", _DUPLICATE_SECTION),)
        return Guideline(
            "Near-duplicates",
            _DUPLICATE.question,
            _DUPLICATE.agree,
            _DUPLICATE.disagree,
            sections,
            wrong_flag="",
        )
    if item.kind == "rating":
        return _rating_guideline(item, is_scored=is_scored, is_hidden=is_hidden)
    if not item.is_flagged:
        return _guideline("A call that no check flags", _UNFLAGGED, _sections(item.check), flip=True)
    return _guideline(check_title(item.check), _WORDS.get(item.check, _OTHER), _sections(item.check))


def check_title(name: str) -> str:
    """Return the title of a check; the name itself when no check of today is called so."""
    return next((check.title for check in ALL_CHECKS if check.name == name), name)


def answers_claim(kind: ItemKind, *, is_scored: bool, is_hidden: bool) -> bool:
    """Tell whether agree and disagree are about a claim, with what the machine says hidden."""
    return kind == "rating" and is_hidden and not is_scored


def _rating_guideline(item: ReviewItem, *, is_scored: bool, is_hidden: bool) -> Guideline:
    title = next((judge.title for judge in JUDGES if judge.name == item.check), "A judge's remark")
    if is_scored:
        return _guideline(title, _QUALITY, (("The scale", _SCALE),))
    if not is_hidden:
        return _guideline(title, _MACHINE_JUDGE, _sections("ungrounded_value" if item.pointer else ""))
    if item.pointer:
        return _guideline(title, _CLAIM_UNSUPPORTED, _sections("ungrounded_value"))
    return _guideline(title, _CLAIM_BAD, ())


def _guideline(
    title: str, words: _Words, sections: tuple[tuple[str, str], ...], *, flip: bool = False
) -> Guideline:
    usual: dict[Flag, Disposition] = {
        "agree": words.on_agree,
        "disagree": "drop" if flip else _USUAL_DISAGREE,
        "unsure": "keep",
    }
    wrong: Flag = "disagree" if flip else "agree"
    if words in (_QUALITY, _PAIR):
        wrong = ""
    return Guideline(title, words.question, words.agree, words.disagree, sections, usual, wrong)


def _sections(name: str) -> tuple[tuple[str, str], ...]:
    """Return what the check's own text says, heading by heading."""
    check = next((check for check in ALL_CHECKS if check.name == name), None)
    if check is None:
        return ()
    told = explain(check)
    parts = (
        ("What it flags", told.summary),
        ("What it sees", told.sees),
        ("Why it hurts", told.hurts),
        ("A bad example", told.bad),
        ("A good example", told.good),
        ("Way out", told.way_out),
    )
    return tuple((heading, words) for heading, words in parts if words)
