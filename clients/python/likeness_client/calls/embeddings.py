"""The model's own vectors, for whoever builds something else on them."""

from __future__ import annotations

from collections.abc import Iterable

from likeness_client.answers import Embedding
from likeness_client.call import Answer, Call, Plan, lists, posted
from likeness_client.photos import Photo, kind_of, photo_bytes, photo_fields

_AT_ONCE = 64


def embed_text(text: str) -> Call[Embedding]:
    """A text as a vector."""

    def read(answer: Answer) -> Embedding:
        said = answer.fields()
        return Embedding(vector=said["embedding"], model=said["model"])

    return posted("/embed", {"text": text}, read)


def embed_texts(texts: Iterable[str]) -> Plan[list[Embedding]]:
    """Many texts as vectors, in their order."""
    embeddings: list[Embedding] = []
    for some in lists("texts", texts, _AT_ONCE):
        embeddings += yield posted("/embed", some, _several)
    return embeddings


def embed_photo(photo: Photo) -> Call[Embedding]:
    """A photo as a vector: its bytes, a `Path` or an open file."""

    def read(answer: Answer) -> Embedding:
        said = answer.fields()
        return Embedding(vector=said["embedding"], model=said["model_id"])

    body = photo_bytes(photo)
    return posted("/embed-image", body, read, headers=lambda: {"Content-Type": kind_of(body)})


def similarity(
    photo: Photo, other: Photo | None = None, *, words: str | None = None
) -> Call[float]:
    """How alike two photos are, or a photo and words: the cosine of their vectors."""
    if (other is None) == (words is None):
        raise ValueError("Say one thing to compare the photo with: another photo, or words.")
    second = {"text": words} if words is not None else photo_fields(other)

    def read(answer: Answer) -> float:
        return float(answer.fields()["similarity"])

    return posted("/similarity", {"between": [photo_fields(photo), second]}, read)


def _several(answer: Answer) -> list[Embedding]:
    said = answer.fields()
    return [Embedding(vector=one, model=said["model"]) for one in said["embeddings"]]
