"""The recipe as a form: size, sources with their filters, and what is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
import streamlit as st

from pages.parts.mixture_draft import draft_text, replace_draft, take_recipe, widget_key
from pages.parts.names import FORMAT_NAMES, JUDGE_NAMES, format_title, judge_title, source_title
from pages.parts.safe_text import one_line
from pages.parts.store_cache import read_cached
from xlam_backend.domain.filters import (
    ANY_JUDGE,
    LEVEL_CHOICES,
    MADE_CHOICES,
    OFFER_CHOICES,
    REVIEW_CHOICES,
    Filters,
)
from xlam_backend.explore.search import FilterChoices, read_filter_choices
from xlam_backend.mixture.draw import RULE_REASONS
from xlam_backend.mixture.recipe import (
    HANDLINGS,
    MOST_EPOCHS,
    ROW_STATES,
    RULES,
    WHEN_SHORT,
    Recipe,
    RowState,
    Rules,
    Source,
)
from xlam_backend.mixture.recipe_text import read_draft, write_recipe

Choice = TypeVar("Choice", bound=str)

_MOST = 1_000_000_000
_AMOUNTS = ("share", "count", "all")
_AMOUNT_WORDS = {"share": "a share (%)", "count": "a number of rows", "all": "all there are"}
_SHORT_WORDS = {
    "refuse": "refuse to freeze",
    "take fewer": "take fewer of it",
    "shrink": "shrink the mixture, shares hold",
}
_ANY = "any"
_LEVEL_WORDS = {"clean": "without an error", "flagged": "with an error"}
_MADE_WORDS = {"original": "originals", "made": "made from another"}
_OFFER_WORDS = {"tools": "with tools", "no_tools": "without: general instructions"}


def draw_form() -> None:
    """Draw the draft as a form, and take over what it says."""
    recipe = read_draft(draft_text())
    choices = read_cached("choices", read_filter_choices)
    recipe = _draw_head(recipe)
    sources = tuple(_draw_source(at, source, choices, recipe) for at, source in enumerate(recipe.sources))
    with st.container(horizontal=True):
        st.button("Add a source", icon=":material/add:", key=widget_key("add"), on_click=_add_source)
    recipe = msgspec.structs.replace(recipe, sources=sources, rules=_draw_rules(recipe.rules))
    take_recipe(recipe)


def _draw_head(recipe: Recipe) -> Recipe:
    first, second, third = st.columns(3)
    size = first.number_input(
        "Rows in all",
        1,
        _MOST,
        recipe.size,
        step=1000,
        placeholder="as many as the shares allow",
        key=widget_key("size"),
        help="Where every source has a share. Left open, the mixture is as large as its shares allow.",
    )
    short = second.selectbox(
        "When a source has too few",
        WHEN_SHORT,
        WHEN_SHORT.index(recipe.when_short),
        format_func=_SHORT_WORDS.__getitem__,
        key=widget_key("short"),
    )
    seed = third.number_input(
        "Seed", 0, 2**31 - 1, max(0, min(recipe.seed, 2**31 - 1)), key=widget_key("seed")
    )
    left, right = st.columns([1, 2])
    context = left.number_input(
        "Context (tokens)", 1, _MOST, recipe.context, step=1024, key=widget_key("context")
    )
    tokenizer = right.text_input(
        "Tokenizer",
        recipe.tokenizer,
        placeholder="none: tokens are estimated",
        key=widget_key("tokenizer"),
        help="A folder, or a name on the hub. Freezing then counts tokens exactly.",
    )
    return msgspec.structs.replace(
        recipe,
        size=int(size) if size else None,
        when_short=short,
        seed=int(seed) if seed != recipe.seed else recipe.seed,
        context=int(context),
        tokenizer=tokenizer.strip(),
    )


def _draw_source(at: int, source: Source, choices: FilterChoices, recipe: Recipe) -> Source:
    with st.container(border=True, key=f"mixture_source_{at}"):
        first, second, third, fourth = st.columns([4, 3, 2, 2], vertical_alignment="bottom")
        name = first.text_input("Source", source.name, max_chars=80, key=widget_key(f"name_{at}"))
        amount = second.selectbox(
            "How much",
            _AMOUNTS,
            _AMOUNTS.index(_amount(source)),
            format_func=_AMOUNT_WORDS.__getitem__,
            key=widget_key(f"amount_{at}"),
        )
        share, count = _draw_amount(third, at, source, amount)
        epochs = fourth.number_input(
            "Epochs",
            1,
            MOST_EPOCHS,
            source.epochs,
            key=widget_key(f"epochs_{at}"),
            help="How often a row may come.",
        )
        datasets = _several("Datasets", source.datasets, choices.datasets, f"datasets_{at}", "all of them")
        with st.expander(_filter_words(source)):
            filters, read_as, versions = _draw_filters(at, source, choices)
        if len(recipe.sources) > 1:
            st.button(
                "Remove",
                key=widget_key(f"remove_{at}"),
                type="tertiary",
                icon=":material/delete:",
                on_click=_remove_source,
                args=(at,),
            )
    return Source(
        name=name.strip(),
        share=share,
        count=count,
        epochs=int(epochs),
        datasets=datasets,
        read_as=read_as,
        versions=versions,
        filters=filters,
    )


def _amount(source: Source) -> str:
    if source.share is not None:
        return "share"
    return "all" if source.count is None else "count"


def _draw_amount(
    place: st.delta_generator.DeltaGenerator, at: int, source: Source, amount: str
) -> tuple[float | None, int | None]:
    if amount == "share":
        given = 100 * source.share if source.share is not None else 10.0
        key = widget_key(f"share_{at}")
        percent = place.number_input("%", 0.0, 1000.0, round(given, 6), step=5.0, format="%g", key=key)
        is_same = source.share is not None and percent == round(given, 6)
        return (source.share if is_same else percent / 100), None
    if amount == "count":
        rows = place.number_input(
            "Rows", 1, _MOST, source.count or 1000, step=100, key=widget_key(f"count_{at}")
        )
        return None, int(rows)
    return None, None


def _draw_filters(
    at: int, source: Source, choices: FilterChoices
) -> tuple[Filters, tuple[str, ...], RowState]:
    given = source.filters
    first, second = st.columns(2)
    with first:
        level = _one("Findings", given.level, LEVEL_CHOICES, f"level_{at}", _LEVEL_WORDS)
        review = _one("Review", given.review, REVIEW_CHOICES, f"review_{at}", {})
        made = _one("Origin", given.made, MADE_CHOICES, f"made_{at}", _MADE_WORDS)
        category = _one("Category", given.category, choices.categories, f"category_{at}", {})
        versions = st.selectbox(
            "Versions", ROW_STATES, ROW_STATES.index(source.versions), key=widget_key(f"versions_{at}")
        )
    with second:
        offers = _one("Tools", given.offers, OFFER_CHOICES, f"offers_{at}", _OFFER_WORDS)
        judges = {name: judge_title(name) for name in (ANY_JUDGE, *JUDGE_NAMES)}
        judge = _one("Flagged by a judge", given.judge, judges, f"judge_{at}", judges)
        formats = {name: format_title(name) for name in FORMAT_NAMES}
        output_format = _one("Output format", given.output_format, formats, f"format_{at}", formats)
        rating = st.number_input(
            "Rated by judges, at least (0 to 1)",
            0.0,
            1.0,
            given.min_rating,
            step=0.05,
            placeholder=_ANY,
            key=widget_key(f"rating_{at}"),
        )
        least = st.number_input(
            "Steps, at least", 0, _MOST, given.min_steps, placeholder=_ANY, key=widget_key(f"steps_{at}")
        )
    read_as = _several(
        "Read as", source.read_as, choices.sources, f"read_as_{at}", "every format", show=source_title
    )
    filters = msgspec.structs.replace(
        given,
        level=level,
        review=review,
        made=made,
        category=category,
        offers=offers,
        judge=judge,
        output_format=output_format,
        min_rating=rating,
        min_steps=None if least is None else int(least),
    )
    return filters, read_as, versions


def _draw_rules(rules: Rules) -> Rules:
    changed = sum(rules.of(rule) != Rules().of(rule) for rule in RULES)
    label = f"What is left out ({changed} changed)" if changed else "What is left out"
    with st.expander(label, icon=":material/filter_alt:"):
        columns = st.columns(2)
        chosen = {
            rule: columns[at % 2].selectbox(
                f"A row where {words}",
                HANDLINGS,
                HANDLINGS.index(rules.of(rule)),
                key=widget_key(f"rule_{rule}"),
            )
            for at, (rule, words) in enumerate(RULE_REASONS.items())
        }
    return Rules(**chosen)


def _one(
    label: str, given: Choice, options: Sequence[Choice] | dict[str, str], key: str, words: dict[str, str]
) -> Choice:
    known = [option for option in options if option]
    if given and given not in known:
        known.append(given)
    chosen = st.selectbox(
        label,
        known,
        known.index(given) if given else None,
        format_func=lambda option: one_line(words.get(option or "", option or "")),
        placeholder=_ANY,
        key=widget_key(key),
    )
    return chosen or ""  # type: ignore[return-value] # "" is among the choices of every filter


def _several(
    label: str,
    given: Sequence[str],
    options: Sequence[str],
    key: str,
    none: str,
    *,
    show: Callable[[str], str] = one_line,
) -> tuple[str, ...]:
    # What the recipe names stays in sight where the store does not have it any more.
    known = [*options, *(name for name in given if name not in options)]
    return tuple(
        st.multiselect(label, known, list(given), format_func=show, placeholder=none, key=widget_key(key))
    )


def _filter_words(source: Source) -> str:
    used = len(msgspec.to_builtins(source.filters)) + bool(source.read_as) + (source.versions != "current")
    return f"Filters ({used})" if used else "Filters"


def _add_source() -> None:
    recipe = read_draft(draft_text())
    names = {source.name for source in recipe.sources}
    name = next(f"source {at}" for at in range(1, 1000) if f"source {at}" not in names)
    replace_draft(write_recipe(msgspec.structs.replace(recipe, sources=(*recipe.sources, Source(name)))))


def _remove_source(at: int) -> None:
    recipe = read_draft(draft_text())
    sources = (*recipe.sources[:at], *recipe.sources[at + 1 :])
    replace_draft(write_recipe(msgspec.structs.replace(recipe, sources=sources)))
