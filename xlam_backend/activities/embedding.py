"""Lets a run embed texts: the model of its settings, the vectors of the data folder, the run's own stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xlam_backend.embeddings.embedder import embed_texts
from xlam_backend.embeddings.model import find_model
from xlam_backend.embeddings.vector_cache import Vectors
from xlam_backend.runs.base import RunContext
from xlam_backend.settings import data_dir


def embedding_of(context: RunContext, model_name: str) -> Callable[[Sequence[str]], Vectors]:
    """Return what a run embeds with, "" for the model that comes with the packages.

    Raises:
        SettingError: there is no such model, or its weights are not what they should be.
    """
    model = find_model(model_name)
    context.log(f"Embedding model {model.name}, SHA-256 {model.sha256 or 'not known'}")

    def embed(texts: Sequence[str]) -> Vectors:
        return embed_texts(texts, model, data_dir(), should_stop=context.should_stop).vectors

    return embed
