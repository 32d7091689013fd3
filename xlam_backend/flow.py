"""THE MAP: every stage in order, its tables, its command and its page. Read this file first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import msgspec

from xlam_backend.activities import import_run
from xlam_backend.checks.run import CheckProgress, CheckReport, run_checks
from xlam_backend.domain.person import Person
from xlam_backend.importers.pipeline import import_source
from xlam_backend.importers.report import ImportReport, Progress
from xlam_backend.settings import SAMPLES
from xlam_backend.store.connection import Store
from xlam_backend.store.dataset_list import list_datasets

RECORDS = (
    "dataset",
    "import_event",
    "import_file",
    "tool",
    "trajectory",
    "trajectory_key",
    "membership",
    "tool_call",
)
VERDICTS = (
    "check_set",
    "checked",
    "not_checked",
    "finding",
    "tool_checked",
    "tool_not_checked",
    "tool_finding",
)
SAMPLES_LICENCE = "made for xLAM Studio"
# Who may do what, what was done, and which parts of runs were taken in: every stage adds to these.
BESIDE_THE_STAGES = ("person_role", "audit", "run_part", "store_identity", "removed_number")
CHANGES = ("fix_act", "head_change")
LICENCES = ("licence_term", "licence_change")
CATEGORIES = ("category_scheme", "category", "category_member", "category_change")
CONTAMINATION = ("evaluation_mark", "contamination_search", "contamination_match", "contamination_undo")
REVIEWS = (
    "queue",
    "queue_event",
    "review_item",
    "duplicate_item",
    "lease_event",
    "verdict",
    "review_comment",
    "adjudication",
    "lesson",
)
NEAR_DUPLICATES = (
    "near_search",
    "near_row",
    "near_link",
    "near_pair",
    "near_band",
    "near_decision",
    "near_decision_row",
)


class Stage(msgspec.Struct, frozen=True):
    """One stage: what it does, the tables it reads and writes, its command, and its page's script.

    `leads_back_to` names the earlier stage whose work a stage sets going again.
    """

    name: str
    does: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    verb: str
    page: str
    leads_back_to: str = ""


STAGES: tuple[Stage, ...] = (
    Stage(
        "import",
        "files become unified trajectories; what cannot is kept as rejects",
        reads=(),
        writes=(*RECORDS, "reject"),
        verb="import",
        page="pages/data/import_data.py",
    ),
    Stage(
        "check",
        "rules look at every tool and call that they have not seen, and write findings",
        reads=RECORDS,
        writes=VERDICTS,
        verb="check",
        page="pages/data/checks.py",
    ),
    Stage(
        "overview",
        "counts what came in, what is flagged, what is fixed",
        reads=(*RECORDS, "reject", *VERDICTS),
        writes=(),
        verb="overview",
        page="pages/data/overview.py",
    ),
    Stage(
        "explore",
        "finds trajectories by what they say and by what the checks say, and shows them",
        reads=(*RECORDS, *VERDICTS),
        writes=(),
        verb="find",
        page="pages/data/explore.py",
    ),
    Stage(
        "errors",
        "counts findings by check, source, tool and step",
        reads=(*RECORDS, *VERDICTS),
        writes=(),
        verb="errors",
        page="pages/data/errors.py",
    ),
    Stage(
        "repair",
        "applies safe fixes as new versions, and checks these; every act can be undone",
        reads=(*RECORDS, *VERDICTS),
        writes=("trajectory", "tool", "tool_call", *CHANGES),
        verb="fix",
        page="pages/data/trajectory.py",
        leads_back_to="check",
    ),
    Stage(
        "judge",
        "language models judge what rules cannot settle, within a budget",
        reads=(*RECORDS, *VERDICTS, *CHANGES, "prompt_version", "prompt_promotion"),
        writes=("rating",),
        verb="judge",
        page="pages/review/judges.py",
    ),
    Stage(
        "respond",
        "less powerful models answer steps; what is worse becomes the rejected side of a pair",
        reads=(*RECORDS, *CHANGES),
        writes=("candidate", "pair", "rating"),
        verb="respond",
        page="pages/review/responses.py",
    ),
    Stage(
        "review",
        "people answer items drawn by chance: how far machines can be trusted, what to keep, fix or drop",
        reads=(*RECORDS, *VERDICTS, *CHANGES, "rating", "candidate", "pair"),
        writes=REVIEWS,
        verb="review",
        page="pages/review/queues.py",
    ),
    Stage(
        "dedupe",
        "finds queries that say nearly the same and call the same tools; people decide which of them stay",
        reads=(*RECORDS, *VERDICTS, *CHANGES, "rating"),
        writes=NEAR_DUPLICATES,
        verb="dedupe",
        page="pages/shape/near_duplicates.py",
    ),
    Stage(
        "prompts",
        "a new wording of a prompt is tried on known answers before it is asked",
        reads=(*RECORDS, *VERDICTS, *CHANGES, "rating", *REVIEWS),
        writes=("prompt_version", "prompt_promotion", "labelled_set", "labelled_item", "rehearsal"),
        verb="prompts",
        page="pages/review/prompts.py",
        leads_back_to="judge",
    ),
    Stage(
        "curate",
        "general-instruction data: noise and licences are flagged, requests sorted into categories",
        reads=(*RECORDS, *VERDICTS, *CHANGES, "rating"),
        writes=("run_check", "finding", *LICENCES, *CATEGORIES),
        verb="general",
        page="pages/shape/categories.py",
    ),
    Stage(
        "contamination",
        "training data is held against evaluation sets; what stands in both is flagged",
        reads=(*RECORDS, *CHANGES),
        writes=("run_check", "finding", *CONTAMINATION),
        verb="contamination",
        page="pages/shape/contamination.py",
    ),
    Stage(
        "augment",
        "tells trajectories in another way, in other words; what is made names its parent and means the same",
        reads=(*RECORDS, *VERDICTS, *CHANGES),
        writes=(*RECORDS, "reject", "derivation"),
        verb="augment",
        page="pages/shape/augment.py",
        leads_back_to="check",
    ),
    Stage(
        "preferences",
        "says which chosen/rejected pairs count, and plants errors in correct steps to make more",
        reads=(*RECORDS, *VERDICTS, *CHANGES, "candidate", "pair", *REVIEWS),
        writes=("pair", "corruption"),
        verb="preferences",
        page="pages/shape/preferences.py",
        leads_back_to="review",
    ),
    Stage(
        "mixture",
        "recipes draw training sets in shares: what each gives, what is missing, what is left out and why",
        reads=(
            *RECORDS,
            *VERDICTS,
            *CHANGES,
            *REVIEWS,
            *NEAR_DUPLICATES,
            *LICENCES,
            *CATEGORIES,
            *CONTAMINATION,
            "rating",
            "derivation",
        ),
        writes=("recipe", "row_measure"),
        verb="mixture",
        page="pages/shape/mixture.py",
    ),
    Stage(
        "releases",
        "a recipe is frozen: a folder that never changes, with the lineage of each row",
        reads=(*RECORDS, *CHANGES, *REVIEWS, *NEAR_DUPLICATES, *LICENCES, "derivation", "recipe"),
        writes=("release_event",),
        verb="releases",
        page="pages/shape/releases.py",
    ),
    Stage(
        "train",
        "models learn a release, or the pairs that count; checkpoints, and models that are kept",
        reads=("release_event", "pair", "candidate", *RECORDS, *REVIEWS),
        writes=("model", "model_event", "training_recipe"),
        verb="train",
        page="pages/models/training.py",
    ),
    Stage(
        "evaluate",
        "a model answers a question set, each answer is scored; official result files are read in",
        reads=("model", "model_event"),
        writes=("evaluation", "evaluation_item", "evaluation_change"),
        verb="evaluate",
        page="pages/models/evaluate.py",
    ),
    Stage(
        "ablations",
        "the same training with several sets of data and seeds, launched as one study, each model evaluated",
        reads=("recipe", "release_event", "evaluation", "evaluation_item"),
        writes=("study", "study_run", "study_event"),
        verb="ablations",
        page="pages/models/ablations.py",
    ),
    Stage(
        "leaderboard",
        "own evaluations and published tables side by side, each with its source and date",
        reads=("model", "model_event", "evaluation", "evaluation_item", "evaluation_change"),
        writes=("published_table", "published_row", "published_change"),
        verb="leaderboard",
        page="pages/models/leaderboard.py",
    ),
    Stage(
        "failures",
        "what a model gets wrong leads back to the training samples behind it, and into review",
        reads=(
            *("model", "model_event", "evaluation", "evaluation_item", "release_event", "derivation"),
            *(*RECORDS, *VERDICTS, *CHANGES, *REVIEWS),
        ),
        writes=("queue", "review_item"),
        verb="failures",
        page="pages/models/failures.py",
        leads_back_to="mixture",
    ),
    Stage(
        "export",
        "writes the current versions as unified JSON Lines",
        reads=(*RECORDS, *VERDICTS, *CHANGES),
        writes=(),
        verb="export",
        page="pages/data/explore.py",
    ),
)


def flow_diagram() -> str:
    """Return the stages as a Mermaid diagram, the one the README shows."""
    lines = ["flowchart LR"]
    lines += [f"    {stage.name}[{stage.name}<br/>{stage.does}]" for stage in STAGES]
    lines += [f"    {earlier.name} --> {later.name}" for earlier, later in pairwise(STAGES)]
    lines += [f"    {stage.name} -.-> {stage.leads_back_to}" for stage in STAGES if stage.leads_back_to]
    return "\n".join(lines)


class ImportOptions(msgspec.Struct, frozen=True):
    """What a person may say about a source; left empty it is told by the source itself."""

    dataset: str | None = None
    importer: str | None = None
    licence: str | None = None
    companions: tuple[Path, ...] = ()
    processes: int = 0


class FlowProgress(msgspec.Struct, frozen=True):
    """How far the stage is that is being worked on; `seconds_left` is None before there is a pace."""

    stage: str
    done_share: float
    words: str
    seconds_left: float | None = None


class FlowReport(msgspec.Struct, frozen=True):
    """What came of an import, and of the checks that followed it."""

    imported: ImportReport
    checked: CheckReport


TellProgress = Callable[[FlowProgress], None]


def import_and_check(
    store: Store,
    source: Path | str,
    *,
    person: Person,
    now: datetime,
    options: ImportOptions | None = None,
    progress: TellProgress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> FlowReport:
    """Import a source, then check whatever is not checked yet.

    Stopped during the import it leaves nothing; stopped during the checks the records stay, and
    what is not checked yet is checked the next time.

    Raises:
        SourceUnreadableError: nothing can be read, or the format is not known.
        StoppedError: `should_stop` said so during the import.
        AccessDeniedError: the person may not import.
    """
    chosen = options or ImportOptions()
    imported = import_source(
        store,
        source,
        person=person,
        now=now,
        dataset=chosen.dataset,
        importer=chosen.importer,
        licence=chosen.licence,
        companions=chosen.companions,
        processes=chosen.processes,
        progress=None if progress is None else lambda made: progress(_import_progress(made)),
        should_stop=should_stop,
    )
    checked = check_all(store, person=person, now=now, progress=progress, should_stop=should_stop)
    return FlowReport(imported, checked)


def start_import_run(
    store: Store, source: str, options: ImportOptions, *, person: Person, now: datetime
) -> str:
    """Import a source in a run of its own, and check it when it is taken in; returns the run's id."""
    return import_run.start_import_run(
        store,
        source,
        person=person,
        now=now,
        dataset=options.dataset,
        importer=options.importer,
        licence=options.licence,
        companions=options.companions,
        processes=options.processes,
    )


def check_all(
    store: Store,
    *,
    person: Person,
    now: datetime,
    progress: TellProgress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> CheckReport:
    """Run every check on what it has not seen in its present version."""
    return run_checks(
        store,
        person=person,
        now=now,
        progress=None if progress is None else lambda made: progress(check_progress(made)),
        should_stop=should_stop,
    )


def fill_with_demo_data(store: Store, *, person: Person, now: datetime) -> tuple[FlowReport, ...]:
    """Fill an empty store with the project's own samples; a store that holds a dataset is left alone."""
    if list_datasets(store):
        return ()
    return tuple(
        import_and_check(
            store, sample, person=person, now=now, options=ImportOptions(licence=SAMPLES_LICENCE)
        )
        for sample in sorted(SAMPLES.iterdir())
    )


def _import_progress(made: Progress) -> FlowProgress:
    words = f"{made.kept_count:,} kept, {made.rejected_count:,} rejected"
    return FlowProgress("import", made.done_share, words, made.seconds_left)


def check_progress(made: CheckProgress) -> FlowProgress:
    """Say how far a run of the checks is, as a stage of the flow."""
    words = f"{made.checked_count:,} of {made.total_count:,} checked, {made.finding_count:,} findings"
    return FlowProgress("check", made.done_share, words, made.seconds_left)
