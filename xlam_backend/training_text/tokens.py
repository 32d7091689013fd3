"""Token counts of a training text: which tokens are learnt, and what is cut at the end of the context.

A token is learnt when one of its characters belongs to a target: the same rule by which trainers make a
mask of tokens from the marks of a chat template.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from xlam_backend.training_text.base import TrainingText


class TokenCounts(msgspec.Struct, frozen=True):
    """Tokens of a text. `cut_from` is the first character behind the context, None when all fits."""

    token_count: int
    target_count: int
    limit: int
    cut_count: int = 0
    cut_target_count: int = 0
    cut_from: int | None = None

    @property
    def prompt_count(self) -> int:
        """Return the tokens that are given and not learnt."""
        return self.token_count - self.target_count


class MaskedTokens(msgspec.Struct, frozen=True):
    """The tokens of a text, and for each 1 when it is learnt, else 0."""

    ids: list[int]
    mask: list[int]


def mask_tokens(tokenizer: Any, texts: Sequence[TrainingText]) -> list[MaskedTokens]:
    """Return the tokens of many texts at once, with which of them are learnt."""
    if not texts:
        return []
    encoded = tokenizer(
        [text.text for text in texts],
        add_special_tokens=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        verbose=False,
    )
    pairs = zip(encoded["input_ids"], encoded["offset_mapping"], texts, strict=True)
    return [MaskedTokens(ids, _mask(offsets, text)) for ids, offsets, text in pairs]


def token_mask(tokenizer: Any, text: TrainingText) -> list[int]:
    """Return 1 for each token that is learnt, else 0."""
    return _mask(_offsets(tokenizer, text.text), text)


def count_tokens(tokenizer: Any, text: TrainingText, limit: int) -> TokenCounts:
    """Count tokens, and what is cut when only the first `limit` are kept (0: all are)."""
    offsets = _offsets(tokenizer, text.text)
    mask = _mask(offsets, text)
    counts = TokenCounts(len(mask), sum(mask), limit)
    if not limit or len(mask) <= limit:
        return counts
    return msgspec.structs.replace(
        counts,
        cut_count=len(mask) - limit,
        cut_target_count=sum(mask[limit:]),
        cut_from=offsets[limit][0],
    )


def _offsets(tokenizer: Any, text: str) -> list[tuple[int, int]]:
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    return [(start, end) for start, end in encoded["offset_mapping"]]


def _mask(offsets: list[tuple[int, int]], text: TrainingText) -> list[int]:
    targets = _target_ranges(text)
    mask, at = [], 0
    for start, end in offsets:
        while at < len(targets) and targets[at][1] <= start:
            at += 1
        mask.append(int(at < len(targets) and targets[at][0] < max(end, start + 1)))
    return mask


def _target_ranges(text: TrainingText) -> list[tuple[int, int]]:
    ranges, at = [], 0
    for segment in text.segments:
        if segment.is_target:
            ranges.append((at, at + len(segment.text)))
        at += len(segment.text)
    return ranges
