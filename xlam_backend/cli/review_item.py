"""`review show`, `repair`, `edit`: what the desk shows of one item, and mending it with the answer."""

from __future__ import annotations

import uuid

import click
import msgspec

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import pass_caller
from xlam_backend.cli.review import COMMANDS as COMMANDS
from xlam_backend.cli.review import ITEM, review
from xlam_backend.errors import InputError, ReviewRefusedError
from xlam_backend.review.desk_entries import Entry, take_entry
from xlam_backend.review.item_edit import check_edit
from xlam_backend.review.item_view import ItemView, view_item
from xlam_backend.store.review_items import read_item

CALL = click.option("--call", type=int, metavar="INDEX", help="From 0; -1: all calls of the step.")


@review.command("show")
@ITEM
@click.option("--whole", is_flag=True, help="Every step and every text in full.")
@pass_caller
def show_item(caller: Caller, item_no: int, whole: bool) -> None:
    """Show an ITEM: the question, the record around the place, the repairs on offer."""
    view = view_item(caller.store, item_no, person=caller.person(), now=caller.now, whole=whole)
    caller.answer(msgspec.to_builtins(view), *_lines(view))


@review.command("repair")
@ITEM
@click.argument("key", metavar="KEY")
@pass_caller
def accept_repair(caller: Caller, item_no: int, key: str) -> None:
    """Accept a repair of an ITEM by its KEY (`review show` lists them): mended and answered at once."""
    view = view_item(caller.store, item_no, person=caller.person(), now=caller.now)
    _answer(caller, Entry("answer", "", item_no, flag=view.guideline.wrong_flag, repair=key))


@review.command("edit")
@ITEM
@CALL
@click.option("--text", required=True, metavar="JSON", help="The call as it is to be: name and arguments.")
@click.option("--check", "only_check", is_flag=True, help="Say what it would do; nothing is changed.")
@pass_caller
def edit_item(caller: Caller, item_no: int, call: int | None, text: str, only_check: bool) -> None:
    """Edit the calls of an ITEM by hand, and answer it; what is wrong is refused."""
    item = read_item(caller.store, item_no)
    place = item.call if call is None else call
    found = check_edit(caller.store, item, text, call=place)
    if only_check:
        lines = [found.refused or "It brings no error."]
        lines += [f"clears: {words}" for _, words in found.cleared]
        lines += [f"brings: {words}" for _, words in found.introduced]
        caller.answer(msgspec.to_builtins(found), *lines)
        return
    if found.refused:
        raise InputError(found.refused, "Correct the text.")
    view = view_item(caller.store, item_no, person=caller.person(), now=caller.now)
    flag = view.guideline.wrong_flag
    _answer(caller, Entry("answer", "", item_no, flag=flag, edit=text, edit_call=place))


def _answer(caller: Caller, entry: Entry) -> None:
    queue_no = read_item(caller.store, entry.item_no).queue_no
    named = msgspec.structs.replace(entry, entry_id=f"command-{uuid.uuid4().hex}")
    receipt = take_entry(caller.store, queue_no, named, person=caller.person(), now=caller.now)
    if receipt.state == "refused":
        raise ReviewRefusedError(receipt.reason, "`review show` shows the item as it stands now.")
    record = {"item_no": receipt.item_no, "state": receipt.state, "act_no": receipt.act_no}
    caller.answer(record, f"Item {entry.item_no}: {receipt.state}, act {receipt.act_no}.")


def _lines(view: ItemView) -> list[str]:
    lines = [f"Item {view.item_no}: {view.guideline.title}", view.guideline.question, view.says, view.where]
    lines += [f"repair {repair.key}: {repair.summary}" for repair in view.repairs]
    return [line for line in lines if line]
