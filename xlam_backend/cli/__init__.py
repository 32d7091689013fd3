"""Every command, one file per group of verbs; the same verbs as in flow.py."""

from __future__ import annotations

import click

from xlam_backend.cli import (
    ablations,
    adjudicate,
    agreement,
    augment,
    bfcl,
    checks,
    circle,
    contamination,
    curation,
    datasets,
    dedupe,
    demo,
    endpoint,
    evaluate,
    explore,
    export,
    failures,
    fix,
    flow,
    import_data,
    judge,
    leaderboard,
    lens,
    mixture,
    models,
    output_formats,
    people,
    preferences,
    prompts,
    rejects,
    releases,
    respond,
    review_item,
    runs,
    statistics,
    store,
    tools,
    train,
    train_recipes,
    train_watch,
)
from xlam_backend.cli.command import StudioGroup

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group("xlam_backend", cls=StudioGroup, context_settings=SETTINGS)
def studio() -> None:
    """Import agent data, check every tool call, explore and repair the errors.

    XLAM_DATA_DIR says where the store lives (default: data/store in the project). Commands work
    whether or not the app is running. Exit status: 0 done, 1 an error that is explained, 2 wrong
    usage, 130 stopped.
    """


GROUPS: tuple[tuple[click.Command, ...], ...] = (
    import_data.COMMANDS,
    datasets.COMMANDS,
    rejects.COMMANDS,
    statistics.COMMANDS,
    explore.COMMANDS,
    tools.COMMANDS,
    checks.COMMANDS,
    fix.COMMANDS,
    export.COMMANDS,
    lens.COMMANDS,
    respond.COMMANDS,
    review_item.COMMANDS,
    people.COMMANDS,
    adjudicate.COMMANDS,
    agreement.COMMANDS,
    runs.COMMANDS,
    store.COMMANDS,
    flow.COMMANDS,
    demo.COMMANDS,
    circle.COMMANDS,
    endpoint.COMMANDS,
    prompts.COMMANDS,
    judge.COMMANDS,
    output_formats.COMMANDS,
    dedupe.COMMANDS,
    augment.COMMANDS,
    curation.COMMANDS,
    contamination.COMMANDS,
    preferences.COMMANDS,
    mixture.COMMANDS,
    releases.COMMANDS,
    bfcl.COMMANDS,
    train.COMMANDS,
    train_recipes.COMMANDS,
    train_watch.COMMANDS,
    models.COMMANDS,
    ablations.COMMANDS,
    evaluate.COMMANDS,
    failures.COMMANDS,
    leaderboard.COMMANDS,
)

for group in GROUPS:
    for command in group:
        studio.add_command(command)
