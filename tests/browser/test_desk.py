"""Journey 4: an annotator reviews by keyboard, presses too fast, undoes, edits, stops and comes back."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serve
from tests.browser.desk_screen import DeskScreen
from tests.review_desk import WRONG_TYPE, a_long_record, add_pairs, add_ratings, versions_of
from tests.unit.review.conftest import import_records
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import QueuePlan
from xlam_backend.review.pair_view import resolve_preference
from xlam_backend.review.queues import create_queue
from xlam_backend.settings import person_name
from xlam_backend.store.connection import Store
from xlam_backend.store.fix_history import read_acts
from xlam_backend.store.verdicts import read_all_verdicts

pytestmark = pytest.mark.browser

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LEAD = Person("lead", "admin")
ATTACK = "<img src=x onerror=alert(1)><script>alert(2)</script> \u202e ![x](http://evil.example/x.png)"


@pytest.fixture
def review_folder(demo_template, tmp_path_factory):
    """A store with the demo data and no queue yet."""
    folder = tmp_path_factory.mktemp("review") / "store"
    shutil.copytree(demo_template, folder)
    return folder


@contextmanager
def opened(folder):
    store = Store.open(folder)
    try:
        yield store
    finally:
        store.close()


def make_queue(folder, **plan):
    with opened(folder) as store:
        return create_queue(store, QueuePlan("By keyboard", "finding", **plan), person=LEAD, now=NOW)


def current_verdicts(folder):
    """The answers that count: {(item_no, person): verdict}."""
    with opened(folder) as store:
        rows = read_all_verdicts(store)
    last = {(row.item_no, row.person): row for row in rows}
    return {place: row for place, row in last.items() if not row.is_withdrawn}


def test_fifty_items_by_keyboard(root, review_folder, screen):
    queue = make_queue(review_folder)
    with serve(root, review_folder) as address:
        desk = DeskScreen(screen(address))
        desk.open(f"/desk?queue={queue}")
        given = {}
        for place in range(50):
            key = "aadu"[place % 4]
            given[desk.answer(key)] = {"a": "agree", "d": "disagree", "u": "unsure"}[key]
        desk.wait_until_saved()
        assert desk.fact("answered by you") == "50"
        here = desk.item()
        assert here not in given

        desk.page.reload()  # stops, and comes back to the same place
        assert desk.wait_for_item() == here
        assert desk.fact("answered by you") == "50"
    stored = current_verdicts(review_folder)
    assert {item: row.flag for (item, _), row in stored.items()} == given
    assert {person for _, person in stored} == {person_name()}
    assert all(0 < row.seconds < 60 for row in stored.values())


def test_a_key_too_fast_records_nothing(root, review_folder, screen):
    queue = make_queue(review_folder)
    with serve(root, review_folder) as address:
        desk = DeskScreen(screen(address))
        desk.open(f"/desk?queue={queue}")
        first = desk.press("a")
        desk.page.keyboard.press("a")  # at once: nobody can have seen the next item
        expect(desk.strip()).to_contain_text("too fast")
        second = desk.wait_for_item()
        assert second != first
        desk.wait_until_saved()
    assert {item for item, _ in current_verdicts(review_folder)} == {first}


def test_two_answers_are_taken_back_and_given_anew(root, review_folder, screen):
    queue = make_queue(review_folder)
    with serve(root, review_folder) as address:
        desk = DeskScreen(screen(address))
        desk.open(f"/desk?queue={queue}")
        first, second = desk.answer("a"), desk.answer("a")
        third = desk.item()
        desk.page.keyboard.press("z")
        assert desk.wait_for_item() == second
        desk.page.keyboard.press("z")
        assert desk.wait_for_item() == first
        assert desk.answer("d") == first
        assert desk.answer("d") == second
        assert desk.wait_for_item() == third
        desk.wait_until_saved()

        desk.page.reload()  # what was answered before the reload can be taken back, too
        assert desk.wait_for_item() == third
        desk.page.keyboard.press("z")
        desk.page.wait_for_function(
            "(item) => Number(document.querySelector('.xd-desk').dataset.painted) === item", arg=second
        )
        desk.wait_until_saved()
    assert {item: row.flag for (item, _), row in current_verdicts(review_folder).items()} == {
        first: "disagree"
    }


def test_an_invalid_edit_is_refused_and_a_valid_one_saved(root, review_folder, screen):
    queue = make_queue(review_folder, checks=("argument_type",))
    with serve(root, review_folder) as address:
        desk = DeskScreen(screen(address))
        desk.open(f"/desk?queue={queue}")
        item = desk.press("e")
        page = desk.page
        area = page.get_by_label("The call as JSON")
        whole = area.input_value()
        save = page.get_by_role("button", name="Save and go on")
        expect(save).to_be_disabled()

        area.fill(whole[:-2])
        expect(page.locator(".xd-refused")).to_contain_text("not JSON")
        expect(save).to_be_disabled()
        area.fill(whole.replace('"name": "', '"name": "no_such_'))
        expect(page.locator(".xd-refused")).to_contain_text("bring a new error")
        expect(save).to_be_disabled()
        page.keyboard.press("Control+Enter")
        expect(area).to_be_visible()

        page.get_by_role("button", name="Cancel").click()
        fix = page.locator(".xd-repair .xs-plus").first.inner_text().removeprefix("+ ")
        wrong = page.locator(".xd-repair .xs-minus").first.inner_text().removeprefix("− ")
        desk.press("e")
        area.fill(whole.replace(wrong, fix))
        expect(page.locator(".xd-fine")).to_be_visible()
        expect(page.locator(".xd-result")).to_contain_text("Findings it clears: 1")
        page.keyboard.press("Control+Enter")
        page.wait_for_function(
            "(item) => Number(document.querySelector('.xd-desk').dataset.painted) !== item", arg=item
        )
        desk.wait_until_saved()
    (verdict,) = current_verdicts(review_folder).values()
    assert (verdict.item_no, verdict.flag, verdict.disposition) == (item, "agree", "fix")
    with opened(review_folder) as store:
        (act,) = read_acts(store)
    assert act.act_no == verdict.act_no
    assert act.actor == person_name()


def test_a_repair_is_accepted_with_one_key_and_undone_with_another(root, review_folder, screen):
    queue = make_queue(review_folder, checks=("argument_type",))
    with serve(root, review_folder) as address:
        desk = DeskScreen(screen(address))
        desk.open(f"/desk?queue={queue}")
        item = desk.answer("f")
        desk.wait_until_saved()
        desk.page.keyboard.press("z")
        assert desk.wait_for_item() == item
        desk.wait_until_saved()
    assert current_verdicts(review_folder) == {}
    with opened(review_folder) as store:
        assert [act.kind for act in read_acts(store)] == ["undo", "one"]


def test_what_was_pressed_before_a_reload_arrives(root, review_folder, screen):
    queue = make_queue(review_folder)
    with serve(root, review_folder) as address:
        desk = DeskScreen(screen(address))
        desk.open(f"/desk?queue={queue}")
        desk.page.evaluate("() => { WebSocket.prototype.send = () => {}; }")  # nothing goes out
        first, second = desk.answer("a"), desk.answer("d")
        expect(desk.page.locator(".xd-saved")).to_contain_text("2")
        desk.page.reload()
        desk.wait_for_item()
        desk.wait_until_saved()
        assert desk.item() not in (first, second)
    assert {item: row.flag for (item, _), row in current_verdicts(review_folder).items()} == {
        first: "agree",
        second: "disagree",
    }


def test_two_people_at_once_do_not_disturb_each_other(root, review_folder, screen):
    queue = make_queue(review_folder, overlap=2)
    with serve(root, review_folder) as address:
        desks = {name: DeskScreen(screen(address)) for name in ("ann", "bob")}
        for name, desk in desks.items():
            desk.open(f"/desk?queue={queue}")
            take_name(desk.page, name)
            desk.wait_for_item()
        given = {}
        for place in range(12):
            for name, desk in desks.items():
                key = "ad"[(place + (name == "bob")) % 2]
                given[desk.answer(key), name] = {"a": "agree", "d": "disagree"}[key]
        for desk in desks.values():
            desk.wait_until_saved()
            assert desk.fact("answered by you") == "12"
    assert {place: row.flag for place, row in current_verdicts(review_folder).items()} == given


def test_a_link_shows_one_item_and_lets_its_reviewer_change_the_answer(root, review_folder, screen):
    queue = make_queue(review_folder)
    with serve(root, review_folder) as address:
        window = screen(address)
        desk = DeskScreen(window)
        desk.open(f"/desk?queue={queue}")
        answered = desk.answer("a")
        desk.wait_until_saved()
        open_item = desk.item()

        desk.open(f"/desk?item={answered}")
        assert desk.item() == answered
        expect(desk.page.locator(".xd-after")).to_contain_text("✔ agree")
        desk.press("d")
        expect(desk.page.locator(".xd-after")).to_contain_text("✖ disagree")
        desk.wait_until_saved()

        desk.open(f"/desk?item={open_item}")
        expect(desk.page.locator(".xd-bar")).to_contain_text("You have not answered this item")
        desk.page.go_back()
        desk.page.wait_for_function(
            "(item) => Number(document.querySelector('.xd-desk')?.dataset.painted) === item", arg=answered
        )
        assert window.foreign_requests == []
    assert [row.flag for row in current_verdicts(review_folder).values()] == ["disagree"]


def test_pairs_are_answered_with_a_side_and_a_reason(root, review_folder, screen):
    with opened(review_folder) as store:
        add_pairs(store, versions_of(store)[:6])
        queue = create_queue(store, QueuePlan("Pairs", "pair"), person=LEAD, now=NOW)
    with serve(root, review_folder) as address:
        desk = DeskScreen(screen(address))
        desk.open(f"/desk?queue={queue}")
        assert "chosen" not in desk.page.locator(".xd-desk").inner_text()
        expected = {}
        for key, pressed in (("1", "left"), ("2", "right")):
            item = desk.press(key)
            expect(desk.page.locator(".xd-ask")).to_contain_text("What is wrong with the other side?")
            assert desk.answer("4") == item
            expected[item] = (resolve_preference(item, person_name(), pressed), "wrong value")
        expected[desk.answer("e")] = ("equal", "")
        expected[desk.answer("b")] = ("both_bad", "")
        desk.wait_until_saved()
        expect(desk.strip()).to_contain_text("both bad")
    stored = current_verdicts(review_folder)
    assert {item: (row.preference, row.reason) for (item, _), row in stored.items()} == expected


def test_quality_is_rated_with_one_key_and_the_judge_is_shown_afterwards(root, review_folder, screen):
    with opened(review_folder) as store:
        add_ratings(store, versions_of(store)[:4])
        plan = QueuePlan("Steps", "rating", checks=("step_quality",))
        queue = create_queue(store, plan, person=LEAD, now=NOW)
    with serve(root, review_folder) as address:
        desk = DeskScreen(screen(address))
        desk.open(f"/desk?queue={queue}")
        assert "judge-1" not in desk.page.content()
        item = desk.answer("5")
        desk.wait_until_saved()
        expect(desk.strip()).to_contain_text("the judge: 2")
        desk.press("ArrowLeft")
        assert desk.wait_for_item() == item
        expect(desk.page.locator(".xd-after")).to_contain_text("A needless call.")
    (row,) = current_verdicts(review_folder).values()
    assert (row.rating, row.flag) == (5, "disagree")


def test_hostile_text_does_nothing_at_the_desk(root, tmp_path_factory, screen):
    folder = tmp_path_factory.mktemp("hostile") / "store"
    record = msgspec.structs.replace(WRONG_TYPE, query=f"{ATTACK} for Oslo, 3 days")
    with opened(folder) as store:
        import_records(store, "records", [record])
        plan = QueuePlan(f"{ATTACK}", "finding", guideline=ATTACK, checks=("argument_type",))
        queue = create_queue(store, plan, person=LEAD, now=NOW)
    with serve(root, folder) as address:
        window = screen(address)
        desk = DeskScreen(window)
        desk.open(f"/desk?queue={queue}")
        desk.press("g")
        shown = desk.page.locator(".xd-desk").inner_text()
        assert "<img src=x onerror=" in shown
        assert "U+202E" in shown
        assert desk.page.locator(".xd-desk img, .xd-desk script").count() == 0
        assert window.dialogs == []
        assert window.foreign_requests == []


def test_a_long_record_is_opened_step_by_step(root, tmp_path_factory, screen):
    folder = tmp_path_factory.mktemp("long") / "store"
    with opened(folder) as store:
        import_records(store, "records", [a_long_record()])
        plan = QueuePlan("Long", "finding", checks=("argument_type",))
        queue = create_queue(store, plan, person=LEAD, now=NOW)
    with serve(root, folder) as address:
        desk = DeskScreen(screen(address))
        desk.open(f"/desk?queue={queue}")
        page = desk.page
        expect(page.locator(".xd-place")).to_be_in_viewport()
        assert page.locator(".xd-outline").count() == 116
        page.get_by_role("button", name="↖ observation, step 4").click()
        expect(page.locator("mark.xd-flash")).to_have_text("Tromso")
        page.locator(".xd-outline").first.click()
        expect(page.locator(".xd-outline")).to_have_count(0)
        expect(page.get_by_text("nothing new at place 50")).to_be_attached()


def test_a_whole_family_is_mended_from_the_desk(root, review_folder, screen):
    queue = make_queue(review_folder, checks=("argument_type",))
    with serve(root, review_folder) as address:
        desk = DeskScreen(screen(address))
        desk.open(f"/desk?queue={queue}")
        page = desk.page
        page.get_by_role("button", name="Fix all like this").click()
        dialog = page.get_by_role("dialog").filter(has_text="Mend a whole family")
        expect(dialog).to_be_visible()
        shown = desk.item()
        page.keyboard.press("a")  # a key in the dialog is not for the desk
        dialog.get_by_role("button", name="Apply to").click()
        expect(dialog.locator(".xs-chip", has_text="mended")).to_be_visible()
        assert desk.item() == shown
    assert current_verdicts(review_folder) == {}
    with opened(review_folder) as store:
        assert [act.kind for act in read_acts(store)] == ["family"]


def take_name(page, name):
    """Work under a local name in this window."""
    page.get_by_role("button", name="Change name").click()
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Use this name").click()
    expect(page.locator(".xs-person b")).to_have_text(name)
    page.keyboard.press("Escape")
