"""The paper's mixtures as recipes to begin with (xLAM paper, sections 3.5 and 5.3)."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from xlam_backend.domain.filters import Filters
from xlam_backend.errors import UnknownNameError
from xlam_backend.mixture.recipe import Recipe, Rules, Source

# A row belongs to the first source that it matches, so the narrower source stands first.
# Formats in which made-up function calling is published; other such data is named in the recipe.
SYNTHETIC = ("xlam_60k", "toolace", "sealtools", "toolalpaca", "hermes", "when2call", "toolrl")

_NOTHING_LEFT_OUT = Rules(
    dropped_by_reviewers="keep",
    near_duplicates="keep",
    rejected_by_checks="keep",
    licence_non_commercial="keep",
)


class Preset(msgspec.Struct, frozen=True):
    """A recipe to begin with: what it is, where it comes from, and how it is made."""

    name: str
    title: str
    words: str
    make: Callable[[], Recipe]


def _xlam_general() -> Recipe:
    return Recipe(
        name="xlam-general",
        description="xLAM paper, section 3.5: agent data, synthetic function calling, and 20 to 30 % "
        "general instructions. The paper gives the last share only; the others are a choice.",
        sources=(
            Source("synthetic function calling", share=0.3, read_as=SYNTHETIC),
            Source("agent trajectories", share=0.45, filters=Filters(offers="tools", level="clean")),
            Source("general instructions", share=0.25, filters=Filters(offers="no_tools")),
        ),
    )


def _xlam_fc() -> Recipe:
    return Recipe(
        name="xlam-fc",
        description="xLAM paper, section 3.5, for the function-calling models: half of the rows are "
        "synthetic function calling, the other half are drawn from the other tasks.",
        sources=(
            Source("synthetic function calling", share=0.5, read_as=SYNTHETIC),
            Source("general instructions", share=0.25, filters=Filters(offers="no_tools")),
            Source("agent trajectories", share=0.25, filters=Filters(offers="tools", level="clean")),
        ),
    )


def _ablation_raw() -> Recipe:
    return Recipe(
        name="ablation-raw",
        description="xLAM paper, section 5.3: the records as they were imported, nothing cleaned.",
        sources=(Source("raw", versions="as imported", filters=Filters(made="original", offers="tools")),),
        rules=_NOTHING_LEFT_OUT,
    )


def _ablation_augmented() -> Recipe:
    return Recipe(
        name="ablation-augmented",
        description="xLAM paper, section 5.3: the records as they were imported, and what augmentation "
        "made of them; nothing cleaned.",
        sources=(
            Source("raw", versions="as imported", filters=Filters(made="original", offers="tools")),
            Source("augmented", versions="as imported", filters=Filters(made="made", offers="tools")),
        ),
        rules=_NOTHING_LEFT_OUT,
    )


def _ablation_cleaned() -> Recipe:
    return Recipe(
        name="ablation-augmented-cleaned",
        description="xLAM paper, section 5.3: augmented data, mended and cleaned: without what checks "
        "reject, judges flag or people drop.",
        sources=(
            Source("originals", filters=Filters(made="original", offers="tools", level="clean")),
            Source("augmented", filters=Filters(made="made", offers="tools", level="clean")),
        ),
        rules=Rules(flagged_by_judges="leave out"),
    )


PRESETS: tuple[Preset, ...] = (
    Preset("xlam-general", "xLAM general", "25 % general instructions (3.5)", _xlam_general),
    Preset("xlam-fc", "xLAM-fc", "50 % synthetic function calling (3.5)", _xlam_fc),
    Preset("ablation-raw", "Ablation: raw", "as imported (5.3)", _ablation_raw),
    Preset("ablation-augmented", "Ablation: augmented", "raw and augmented (5.3)", _ablation_augmented),
    Preset(
        "ablation-augmented-cleaned",
        "Ablation: augmented and cleaned",
        "mended, without what was rejected (5.3)",
        _ablation_cleaned,
    ),
)


def preset_by_name(name: str) -> Preset:
    """Return the preset of this name.

    Raises:
        UnknownNameError: there is none.
    """
    for preset in PRESETS:
        if preset.name == name:
            return preset
    raise UnknownNameError("preset", name, [preset.name for preset in PRESETS])
