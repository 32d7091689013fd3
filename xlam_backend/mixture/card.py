"""The data set card of a release: what it holds, where from, under which licences, how to read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from xlam_backend.domain.markdown_text import code_lines, plain_text, table_lines
from xlam_backend.mixture.recipe import Recipe
from xlam_backend.releases.manifest import Manifest

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_MOST_LINES = 100

_COLUMNS = (
    ("row_id", "content id of the row; with -2, -3, ... where it stands again"),
    ("trajectory_id", "permalink of the trajectory in xLAM Studio"),
    ("source", "the source of the recipe that took it"),
    ("dataset", "the dataset that brought it"),
    ("category", "its category, empty without one"),
    ("format_name", "the output format of its answers, empty where none was chosen"),
    ("licence", "the key of its licence"),
    ("trajectory", "the record as JSON: query, tools, steps, instructions"),
    ("telling", "how prompt and answers are written, as JSON; empty without a choice"),
    ("lineage", "raw record, fixes, verdicts, augmentation, as JSON"),
    ("token_count", "tokens by the rule above"),
)


def write_card(manifest: Manifest, recipe: Recipe) -> str:
    """Return the card as Markdown, with the header that the Hugging Face hub reads."""
    parts = (_header(manifest), _summary(manifest, recipe), _counts(manifest), _recipe(manifest), _reading())
    return "\n".join(line for part in parts for line in part) + "\n"


def _header(manifest: Manifest) -> Iterator[str]:
    licences = [*manifest.licences]
    licence = msgspec.json.encode(licences[0]).decode() if len(licences) == 1 else "other"
    size = next((name for limit, name in _SIZES if manifest.row_count < limit), "n>1M")
    yield from ("---", f"license: {licence}", f"size_categories: [{size}]")
    yield from (
        "tags: [function-calling, tool-use, agent-trajectories]",
        "configs:",
        "- config_name: default",
    )
    yield from ("  data_files: part-*.parquet", "---", "")


def _summary(manifest: Manifest, recipe: Recipe) -> Iterator[str]:
    yield from (f"# {plain_text(manifest.name)}", "")
    if recipe.description:
        yield from (plain_text(recipe.description), "")
    yield "A frozen training set. Its id, the hash of manifest.json, is the name of its folder; manifest.json"
    yield from ("holds the SHA-256 of every file.", "")
    over = f"{manifest.over_context_count:,} rows longer than {manifest.context:,} tokens"
    yield from table_lines(
        ("what", "value"),
        [
            ("rows", f"{manifest.row_count:,}"),
            ("tokens", f"{manifest.token_count:,} ({manifest.token_rule})"),
            ("context", over),
            ("seed", str(manifest.seed)),
        ],
    )


def _counts(manifest: Manifest) -> Iterator[str]:
    yield from ("## What it is mixed of", "")
    yield from table_lines(
        ("source", "rows", "share", "tokens"),
        [
            (
                one.name,
                f"{one.row_count:,}",
                f"{100 * one.row_count / max(1, manifest.row_count):.1f} %",
                f"{one.token_count:,}",
            )
            for one in manifest.sources
        ],
    )
    for title, counts, nameless in (
        ("Datasets", manifest.datasets, ""),
        ("Licences", manifest.licences, ""),
        ("Categories", manifest.categories, "(none)"),
        ("Output formats", manifest.formats, "(as the source has it)"),
        ("Left out, and why", manifest.left_out, ""),
    ):
        yield from _table(title, counts, nameless)


def _table(title: str, counts: Mapping[str, int], nameless: str) -> Iterator[str]:
    if not counts:
        return
    yield from (f"### {title}", "")
    rows = [(name or nameless, f"{count:,}") for name, count in counts.items()]
    yield from table_lines(("", "rows"), rows[:_MOST_LINES])
    if len(rows) > _MOST_LINES:
        yield from (f"{len(rows) - _MOST_LINES:,} more stand in manifest.json.", "")


def _recipe(manifest: Manifest) -> Iterator[str]:
    yield from ("## The recipe", "", "The same recipe on the same data gives the same files.", "")
    yield from code_lines(manifest.recipe, "yaml")


def _reading() -> Iterator[str]:
    yield from ("## Columns", "")
    yield from table_lines(("column", "what it holds"), _COLUMNS)
