"""`general` looks at general-instruction data; `licences` and `categories` sort and correct it."""

from __future__ import annotations

from typing import Any

import click

from xlam_backend.activities.category_run import start_sorting
from xlam_backend.checks.again import forget_content_findings
from xlam_backend.checks.content_rules import rules_in_force
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.cli.import_data import check_lines, progress_line
from xlam_backend.cli.runs import finish_run, refuse_not_taken, tell_started
from xlam_backend.curation import categories as sorted_data
from xlam_backend.curation import licences as licence_table
from xlam_backend.curation.categories import Scheme
from xlam_backend.curation.evaluation_sets import set_by_name
from xlam_backend.curation.overview import GeneralData, read_general_data
from xlam_backend.domain.category import KINDS, CategorySettings
from xlam_backend.domain.licence import COMMERCIAL, Commercial
from xlam_backend.flow import check_all
from xlam_backend.runs.state import RunStatus
from xlam_backend.statistics.intervals import rate, show_rate


@click.group("general", cls=StudioGroup)
def general() -> None:
    """General-instruction data: conversations without tools and calls, and the filters for them."""


@general.command("show")
@pass_caller
def show_general(caller: Caller, /) -> None:
    """Say how much there is, and how much of it each filter flags."""
    found = read_general_data(caller.store)
    caller.answer(found, *_general_lines(found))


@general.command("words", needs_store=False)
@pass_caller
def show_words(caller: Caller, /) -> None:
    """List the words and patterns of inappropriate content, with the line of the list each stands in."""
    rules = rules_in_force()
    record = {"list": rules.name, "fingerprint": rules.fingerprint, "rules": rules.rules}
    rows = [(f"{rule.line}", rule.category, rule.level, rule.text) for rule in rules.rules]
    caller.answer_table(record, ("line", "category", "level", "rule"), rows)


@general.command("check-again")
@pass_caller
def check_again(caller: Caller, /) -> None:
    """Take back what the list of words found, and check anew with the list in force."""
    gone = forget_content_findings(caller.store, person=caller.person(), now=caller.now)
    report = check_all(
        caller.store,
        person=caller.person(),
        now=caller.now,
        progress=lambda made: caller.progress(progress_line(made)),
        should_stop=caller.should_stop,
    )
    lines = check_lines(report)
    caller.answer({"taken_back": gone, "checked": report}, f"{gone:,} findings taken back", *lines)


@click.group("licences", cls=StudioGroup)
def licences() -> None:
    """Licences of datasets and records: what they allow, and corrections."""


@licences.command("list")
@pass_caller
def list_licences(caller: Caller, /) -> None:
    """List the licences that records stand under, and what each allows."""
    found = licence_table.count_licences(caller.store)
    rows = [
        (
            each.licence.title,
            each.licence.commercial,
            f"{each.count:,}",
            f"{each.general_count:,}",
            ", ".join(each.written),
            "corrected" if each.is_corrected else "",
        )
        for each in found
    ]
    header = ("licence", "commercial use", "records", "general instruction", "written as", "")
    caller.answer_table(found, header, rows)


@licences.command("table")
@pass_caller
def show_table(caller: Caller, /) -> None:
    """List every licence that is known, with what people said about it."""
    table = licence_table.list_table(caller.store)
    rows = [(each.key, each.title, each.commercial, each.note) for each in table]
    caller.answer_table(table, ("key", "licence", "commercial use", "note"), rows)


@licences.command("sources")
@pass_caller
def list_sources(caller: Caller, /) -> None:
    """List every dataset with its licence."""
    found = licence_table.list_source_licences(caller.store)
    rows = [
        (
            each.dataset,
            each.written,
            each.licence.commercial,
            f"{each.count:,}",
            "corrected" if each.is_corrected else "",
        )
        for each in found
    ]
    caller.answer_table(found, ("dataset", "licence", "commercial use", "records", ""), rows)


@licences.command("say")
@click.argument("licence")
@click.argument("commercial", type=click.Choice(COMMERCIAL))
@click.option("--note", default="", help="Why, or where that is written.")
@pass_caller
def say(caller: Caller, /, licence: str, commercial: Commercial, note: str) -> None:
    """Say whether a LICENCE allows commercial use; what is flagged for it follows."""
    new = licence_table.say_of_licence(
        caller.store, licence, commercial, note, person=caller.person(), now=caller.now
    )
    record = {"licence": licence, "commercial": commercial, "newly_flagged": new}
    caller.answer(record, f"{licence}: commercial use {commercial}; {new:,} records are newly flagged")


@licences.command("set")
@click.argument("licence")
@click.option("--dataset", default="", metavar="NAME", help="The dataset that stands under it.")
@click.option("--trajectory", default="", metavar="ID", help="The one record that stands under it.")
@pass_caller
def set_licence(caller: Caller, /, licence: str, dataset: str, trajectory: str) -> None:
    """Correct the LICENCE of a dataset or of one record ("": none is stated)."""
    if bool(dataset) == bool(trajectory):
        raise click.UsageError("Name a dataset or a trajectory.")
    given: dict[str, Any] = {"person": caller.person(), "now": caller.now}
    if dataset:
        new = licence_table.set_source_licence(caller.store, dataset, licence, **given)
    else:
        new = licence_table.set_record_licence(caller.store, trajectory, licence, **given)
    record = {"dataset": dataset, "trajectory": trajectory, "licence": licence, "newly_flagged": new}
    caller.answer(record, f"{dataset or trajectory}: {licence}; {new:,} records are newly flagged")


@click.group("categories", cls=StudioGroup)
def categories() -> None:
    """Categories of requests: groups of like embeddings, with names that people can change."""


@categories.command("sort")
@click.option("--count", type=int, default=12, help="How many categories.")
@click.option("--kind", type=click.Choice(KINDS), default="general instruction", help="What is sorted.")
@click.option("--dataset", default="", metavar="NAME", help="Only of this dataset.")
@click.option("--seed", type=int, default=0, help="Decides where the search for groups begins.")
@click.option("--model", default="", metavar="NAME", help="Embedding model: a name or a folder.")
@click.option("--detach", is_flag=True, help="Start the run and do not wait for its end.")
@pass_caller
def sort(caller: Caller, /, detach: bool, **given: Any) -> None:
    """Sort requests into categories by their embeddings; the new ones count from then on."""
    if given["dataset"]:
        set_by_name(caller.store, given["dataset"])
    settings = CategorySettings(**given)
    run_id = start_sorting(caller.store, settings, person=caller.person(), now=caller.now)
    if detach:
        tell_started(caller, run_id)
        return
    refuse_not_taken(finish_run(caller, run_id, _progress_line))
    _answer_scheme(caller, sorted_data.read_scheme(caller.store))


@categories.command("list")
@pass_caller
def list_categories(caller: Caller, /) -> None:
    """List the categories that count, the largest first."""
    _answer_scheme(caller, sorted_data.read_scheme(caller.store))


@categories.command("rename")
@click.argument("category_no", metavar="CATEGORY", type=int)
@click.argument("name")
@pass_caller
def rename(caller: Caller, /, category_no: int, name: str) -> None:
    """Give a CATEGORY (its number) another NAME."""
    sorted_data.rename(caller.store, category_no, name, person=caller.person(), now=caller.now)
    caller.answer({"category_no": category_no, "name": name}, f"category {category_no}: {name}")


@categories.command("merge")
@click.argument("category_no", metavar="CATEGORY", type=int)
@click.argument("into_no", metavar="INTO", type=int)
@pass_caller
def merge(caller: Caller, /, category_no: int, into_no: int) -> None:
    """Make a CATEGORY a part of INTO; into itself, it stands alone again."""
    sorted_data.merge(caller.store, category_no, into_no, person=caller.person(), now=caller.now)
    words = "stands alone again" if category_no == into_no else f"is a part of category {into_no}"
    caller.answer({"category_no": category_no, "into_no": into_no}, f"category {category_no} {words}")


def _answer_scheme(caller: Caller, scheme: Scheme | None) -> None:
    if scheme is None:
        caller.answer(None, "Nothing was sorted yet. Start with: python -m xlam_backend categories sort")
        return
    rows = [
        (
            f"{each.category_no}",
            each.name,
            show_rate(rate(each.count, scheme.trajectory_count)),
            " ".join(each.words[:6]),
            f"holds {', '.join(map(str, each.merged))}" if each.merged else "",
        )
        for each in scheme.categories
    ]
    caller.answer_table(scheme, ("number", "name", "trajectories", "words", ""), rows)


def _general_lines(found: GeneralData) -> list[str]:
    clean = show_rate(rate(found.clean_count, found.count))
    lines = [f"{found.count:,} general-instruction records, clean: {clean}"]
    lines += [
        f"  {each.check} ({each.level}): {show_rate(rate(each.count, found.count))}" for each in found.filters
    ]
    lines.append(f"  dropped as near-duplicates: {found.dropped_count:,}")
    judged = show_rate(rate(found.judged_flagged_count, found.judged_count))
    lines.append(f"  flagged by the judge of content: {judged}")
    return lines


def _progress_line(status: RunStatus) -> str:
    made = status.progress
    return f"categories: {made.words}" if made else f"categories: {status.state}"


COMMANDS = (general, licences, categories)
