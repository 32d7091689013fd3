"""Journey 4: an annotator reviews by keyboard, presses too fast, undoes, edits, stops and comes back."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import msgspec
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import close_kept, serve
from tests.browser.desk_screen import DeskScreen
from tests.browser.screen import RUN_LIMIT_MS
from tests.builders import a_tool
from tests.near_duplicates import search_store
from tests.processes import ask_owner_for
from tests.review_desk import FORECAST, WRONG_TYPE, a_long_record, add_pairs, add_ratings, asked, versions_of
from tests.unit.review.conftest import import_records
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.near_duplicate import SearchSettings
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import QueuePlan
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.review.pair_view import resolve_preference
from xlam_backend.review.queues import create_queue
from xlam_backend.settings import person_name
from xlam_backend.store.connection import Store

pytestmark = pytest.mark.browser

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LEAD = Person("lead", "admin")
ATTACK = "<img src=x onerror=alert(1)><script>alert(2)</script> \u202e ![x](http://evil.example/x.png)"
ALIKE = "Tell me please what the weather is going to be like in Oslo for 3 days"
FORECAST_CALL = ToolCall("get_forecast", {"city": "Oslo", "days": 3})
# Each test answers a queue of its own; those that only answer draw from the demo data.
ANSWERED = ("fifty", "too fast", "taken back", "before a reload", "away", "link")


def mended(number, count):
    """Records whose one call says a number as text; a tool of their own makes them a family of their own."""
    tool = f"get_forecast_{number}"
    call = ToolCall(tool, {"city": "Oslo", "days": "3"})
    records = [asked(f"Forecast {number} of {place} for Oslo, 3 days", call) for place in range(count)]
    return [msgspec.structs.replace(record, tools=(a_tool(tool, FORECAST),)) for record in records]


class DeskApp:
    """An app with a queue for each test, and what it says of the answers."""

    def __init__(self, folder, address, queues):
        self.folder = folder
        self.address = address
        self.queues = queues

    def path(self, queue):
        return f"/desk?queue={self.queues[queue]}"

    def verdicts(self, queue):
        """The answers of a queue that count: {(item_no, person): row}."""
        file = self.folder.parent / f"{queue}.jsonl"
        ask_owner_for(self.folder, "review-export", "verdicts", file, "--queue", self.queues[queue])
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        return {(row["item_no"], row["person"]): row for row in rows if row["counts"]}

    def flags(self, queue):
        """What was said of each item."""
        return {item: row["flag"] for (item, _), row in self.verdicts(queue).items()}

    def acts(self):
        """What was mended and undone, the newest first."""
        return json.loads(ask_owner_for(self.folder, "acts", "--json"))

    def acts_since(self, before):
        """What was done since that answer of `acts`."""
        return [act for act in self.acts() if act not in before]


@pytest.fixture(scope="module")
def app(root, demo_template, tmp_path_factory, kept_windows):
    """One app for all tests of this file."""
    folder = tmp_path_factory.mktemp("review") / "store"
    shutil.copytree(demo_template, folder)
    store = Store.open(folder)
    queues = draw_queues(store, tmp_path_factory.mktemp("near"))
    store.close()
    with serve(root, folder) as address:
        yield DeskApp(folder, address, queues)
        close_kept(kept_windows, address)


def draw_queues(store, folder):
    """Draw every test's queue; returns their numbers by name."""
    queues = {}

    def draw(name, kind="finding", **plan):
        plan = QueuePlan(**{"name": name, **plan}, kind=kind)
        queues[name] = create_queue(store, plan, person=LEAD, now=NOW)

    for name in ANSWERED:
        draw(name)
    draw("two people", overlap=2)
    versions = versions_of(store)
    add_pairs(store, versions[:6])
    draw("pairs", "pair")
    add_ratings(store, versions[:4])
    draw("ratings", "rating", checks=("step_quality",))

    hostile = msgspec.structs.replace(WRONG_TYPE, query=f"{ATTACK} for Oslo, 3 days")
    datasets = {"hostile": [hostile], "long": [a_long_record()]}
    datasets |= {name: mended(name, 3) for name in ("edit", "repair", "family")}
    alike = [asked(f"{ALIKE} {word}", FORECAST_CALL) for word in ("please", "now", ATTACK)]
    import_records(store, "alike", alike)
    search_store(
        store, folder, now=NOW, settings=SearchSettings(filters=Filters(dataset="alike"), threshold=0.5)
    )
    draw("near-duplicates", "duplicate")
    for name, records in datasets.items():
        import_records(store, name, records)
        words = {"name": ATTACK, "guideline": ATTACK} if name == "hostile" else {"name": name}
        plan = QueuePlan(kind="finding", checks=("argument_type",), filters=Filters(dataset=name), **words)
        queues[name] = create_queue(store, plan, person=LEAD, now=NOW)
    return queues


@pytest.fixture
def desk(app, kept_screen):
    """The desk in the window that most tests of this file share."""
    return DeskScreen(kept_screen(app.address))


def test_fifty_items_by_keyboard(app, desk):
    desk.go(app.path("fifty"))
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
    stored = app.verdicts("fifty")
    assert {item: row["flag"] for (item, _), row in stored.items()} == given
    assert {person for _, person in stored} == {person_name()}
    assert all(0 < row["seconds"] < 60 for row in stored.values())


def test_a_key_too_fast_records_nothing(app, desk):
    desk.go(app.path("too fast"))
    first = desk.press_twice("a")  # at once: nobody can have seen the next item
    expect(desk.strip()).to_contain_text("too fast")
    second = desk.wait_for_item()
    assert second != first
    desk.wait_until_saved()
    assert {item for item, _ in app.verdicts("too fast")} == {first}


def test_two_answers_are_taken_back_and_given_anew(app, desk):
    desk.go(app.path("taken back"))
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
    assert app.flags("taken back") == {first: "disagree"}


def test_an_invalid_edit_is_refused_and_a_valid_one_saved(app, desk):
    before = app.acts()
    desk.go(app.path("edit"))
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
    (verdict,) = app.verdicts("edit").values()
    assert (verdict["item_no"], verdict["flag"], verdict["disposition"]) == (item, "agree", "fix")
    (act,) = app.acts_since(before)
    assert act["act_no"] == verdict["act_no"]
    assert act["actor"] == person_name()


def test_a_repair_is_accepted_with_one_key_and_undone_with_another(app, desk):
    before = app.acts()
    desk.go(app.path("repair"))
    item = desk.answer("f")
    desk.wait_until_saved()
    desk.page.keyboard.press("z")
    assert desk.wait_for_item() == item
    desk.wait_until_saved()
    assert app.verdicts("repair") == {}
    assert [act["kind"] for act in app.acts_since(before)] == ["undo", "one"]


def test_what_was_pressed_before_a_reload_arrives(app, screen):
    desk = DeskScreen(screen(app.address))
    desk.open(app.path("before a reload"))
    desk.page.evaluate("() => { window.fetch = () => new Promise(() => {}); }")  # nothing goes out
    first, second = desk.answer("a"), desk.answer("d")
    expect(desk.page.locator(".xd-saved")).to_contain_text("2")
    desk.page.reload()
    desk.wait_for_item()
    desk.wait_until_saved()
    assert desk.item() not in (first, second)
    assert app.flags("before a reload") == {
        first: "agree",
        second: "disagree",
    }


def test_answers_arrive_when_the_way_was_away_and_the_visit_forgotten(app, screen):
    desk = DeskScreen(screen(app.address))
    desk.open(app.path("away"))
    tickets, fates = [], ["away", "forgotten"]

    def pass_on(route):
        tickets.append(route.request.headers["x-desk-ticket"])
        fate = fates.pop(0) if fates else ""
        if fate == "away":
            route.abort()
        elif fate == "forgotten":
            route.continue_(headers={**route.request.headers, "x-desk-ticket": "gone"})
        else:
            route.continue_()

    desk.page.route("**/desk-exchange", pass_on)
    answered = desk.answer("a")
    expect(desk.page.locator(".xd-saved")).to_contain_text("1 not saved yet", timeout=RUN_LIMIT_MS)
    expect(desk.page.locator(".xd-saved")).to_have_text("✔ all saved", timeout=RUN_LIMIT_MS)
    assert len(tickets) >= 3

    assert status_of(app.address, "gone") == status_of(app.address, "") == 401
    assert status_of(app.address, tickets[-1], b"{}") == 400  # it counts, but this is no message
    assert status_of(app.address, tickets[-1], b" " * 8_000_001) == 413
    desk.page.context.close()  # with the visit its ticket has ended
    statuses = (status_of(app.address, tickets[-1], b"{}") for _ in range(2_000))
    assert 401 in statuses
    assert app.flags("away") == {answered: "agree"}


def status_of(address, ticket, body=b'{"number": 1}'):
    """Send a message beside the page, as a program would; returns the status of the answer."""
    asked = Request(f"{address}/desk-exchange", body, {"X-Desk-Ticket": ticket}, method="POST")
    try:
        with urlopen(asked, timeout=30) as answer:
            return answer.status
    except HTTPError as error:
        return error.code


def test_two_people_at_once_do_not_disturb_each_other(app, screen):
    desks = {name: DeskScreen(screen(app.address)) for name in ("ann", "bob")}
    for name, desk in desks.items():
        desk.open(app.path("two people"))
        take_name(desk.page, name)
        desk.wait_for_item()
    given = {}
    for place in range(5):
        for name, desk in desks.items():
            key = "ad"[(place + (name == "bob")) % 2]
            given[desk.answer(key), name] = {"a": "agree", "d": "disagree"}[key]
    for desk in desks.values():
        desk.wait_until_saved()
        assert desk.fact("answered by you") == "5"
    assert {place: row["flag"] for place, row in app.verdicts("two people").items()} == given


def test_a_link_shows_one_item_and_lets_its_reviewer_change_the_answer(app, desk):
    desk.go(app.path("link"))
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
    assert desk.window.foreign_requests == []
    assert [row["flag"] for row in app.verdicts("link").values()] == ["disagree"]


def test_two_samples_are_told_apart_and_nothing_follows_for_them(app, desk):
    desk.go(app.path("near-duplicates"))
    expect(desk.page.locator(".xd-sidehead mark").first).to_be_visible()
    expect(desk.page.locator(".xd-rowkind:visible")).to_have_text("same call")
    standing_by = desk.page.locator(".xd-next")
    expect(standing_by).to_have_count(2)  # the next item's record and question, laid out
    expect(standing_by.first).to_be_hidden()
    expect(standing_by.last).to_be_hidden()
    first = desk.press("x")
    expect(desk.strip()).to_contain_text("decided with the cluster")
    expect(desk.page.locator("[data-act=drop], [data-act=then]")).to_have_count(0)
    assert desk.answer("a") == first
    second = desk.answer("d")
    desk.wait_until_saved()
    stored = {
        item: (row["flag"], row["disposition"]) for (item, _), row in app.verdicts("near-duplicates").items()
    }
    assert stored == {first: ("agree", ""), second: ("disagree", "")}


def test_pairs_are_answered_with_a_side_and_a_reason(app, desk):
    desk.go(app.path("pairs"))
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
    stored = app.verdicts("pairs")
    assert {item: (row["preference"], row["reason"]) for (item, _), row in stored.items()} == expected


def test_quality_is_rated_with_one_key_and_the_judge_is_shown_afterwards(app, desk):
    desk.go(app.path("ratings"))
    assert "judge-1" not in desk.page.content()
    item = desk.answer("5")
    desk.wait_until_saved()
    expect(desk.strip()).to_contain_text("the judge: 2")
    desk.press("ArrowLeft")
    assert desk.wait_for_item() == item
    expect(desk.page.locator(".xd-after")).to_contain_text("A needless call.")
    (row,) = app.verdicts("ratings").values()
    assert (row["rating"], row["flag"]) == (5, "disagree")


def test_hostile_text_does_nothing_at_the_desk(app, desk):
    desk.go(app.path("hostile"))
    desk.press("g")
    shown = desk.page.locator(".xd-desk").inner_text()
    assert "<img src=x onerror=" in shown
    assert "U+202E" in shown
    assert desk.page.locator(".xd-desk img, .xd-desk script").count() == 0
    assert desk.window.dialogs == []
    assert desk.window.foreign_requests == []


def test_a_long_record_is_opened_step_by_step(app, desk):
    desk.go(app.path("long"))
    page = desk.page
    expect(page.locator(".xd-place")).to_be_in_viewport()
    assert page.locator(".xd-outline").count() == 116
    page.get_by_role("button", name="↖ observation, step 4").click()
    expect(page.locator("mark.xd-flash")).to_have_text("Tromso")
    page.locator(".xd-outline").first.click()
    expect(page.locator(".xd-outline")).to_have_count(0)
    expect(page.get_by_text("nothing new at place 50")).to_be_attached()


def test_a_whole_family_is_mended_from_the_desk(app, desk):
    before = app.acts()
    desk.go(app.path("family"))
    page = desk.page
    page.get_by_role("button", name="Fix all like this").click()
    dialog = page.get_by_role("dialog").filter(has_text="Mend a whole family")
    expect(dialog).to_be_visible()
    shown = desk.item()
    page.keyboard.press("a")  # a key in the dialog is not for the desk
    dialog.get_by_role("button", name="Apply to").click()
    expect(dialog.locator(".xs-chip", has_text="mended")).to_be_visible()
    assert desk.item() == shown
    assert app.verdicts("family") == {}
    assert [act["kind"] for act in app.acts_since(before)] == ["family"]


def take_name(page, name):
    """Work under a local name in this window."""
    page.get_by_role("button", name="Change name").click()
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Use this name").click()
    expect(page.locator(".xs-person b")).to_have_text(name)
    page.keyboard.press("Escape")
