"""Which embeddings the settings ask for, opened in one place."""

from __future__ import annotations

from chains.embeddings.base import BookEmbeddings
from chains.settings import Settings


def open_embeddings(settings: Settings) -> BookEmbeddings:
    """The embeddings that SCHOLIAST_EMBEDDINGS names.

    Raises SettingError for an unknown provider, a missing package or key, and for model files
    that are missing or not the ones expected.
    """
    if settings.embeddings == "minilm":
        from chains.embeddings.minilm import MiniLM

        return MiniLM(settings.embedding_path)
    from chains.embeddings.remote import open_remote_embeddings

    return open_remote_embeddings(settings)
