"""Every command, one file per group of verbs; the same verbs as in flow.py."""

from __future__ import annotations

from xlam_backend.cli.command import LazyGroup

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

# Each verb and the files it is made of, loaded when it is called or listed: what one command needs
# comes in a third of the time that all of them take.
VERBS: dict[str, tuple[str, ...]] = {
    "import": ("import_data",),
    "formats": ("import_data",),
    "datasets": ("datasets",),
    "dataset": ("datasets",),
    "rejects": ("rejects",),
    "overview": ("statistics",),
    "errors": ("statistics",),
    "find": ("explore",),
    "show": ("explore",),
    "tools": ("tools",),
    "tool": ("tools",),
    "check": ("checks",),
    "checks": ("checks",),
    "families": ("fix",),
    "fix": ("fix",),
    "undo": ("fix",),
    "acts": ("fix",),
    "export": ("export",),
    "exports": ("export",),
    "lens": ("lens",),
    "respond": ("respond",),
    "review": ("review", "review_item"),
    "people": ("people",),
    "audit": ("people",),
    "review-export": ("people",),
    "disputes": ("adjudicate",),
    "lessons": ("adjudicate",),
    "agreement": ("agreement",),
    "calibration": ("agreement",),
    "runs": ("runs",),
    "store": ("store",),
    "flow": ("flow",),
    "demo": ("demo",),
    "circle": ("circle",),
    "endpoint": ("endpoint",),
    "prompts": ("prompts",),
    "judge": ("judge",),
    "output-formats": ("output_formats",),
    "dedupe": ("dedupe",),
    "augment": ("augment",),
    "general": ("curation",),
    "licences": ("curation",),
    "categories": ("curation",),
    "contamination": ("contamination",),
    "preferences": ("preferences",),
    "mixture": ("mixture",),
    "releases": ("releases",),
    "bfcl": ("bfcl",),
    "train": ("train", "train_recipes", "train_watch"),
    "models": ("models",),
    "ablations": ("ablations",),
    "evaluate": ("evaluate",),
    "failures": ("failures",),
    "leaderboard": ("leaderboard",),
}

studio = LazyGroup(
    "xlam_backend",
    modules={verb: tuple(f"{__name__}.{file}" for file in files) for verb, files in VERBS.items()},
    context_settings=SETTINGS,
    help="""Import agent data, check every tool call, explore and repair the errors.

    XLAM_DATA_DIR says where the store lives (default: data/store in the project). Commands work
    whether or not the app is running. Exit status: 0 done, 1 an error that is explained, 2 wrong
    usage, 130 stopped.
    """,
)
