"""The part of our HTTP protocol that is compared, over two functions that give vectors.

The models are loaded when a server's module is imported, so uvicorn listens, and health answers,
when the first vector can be asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from PIL import Image
from pydantic import BaseModel

Vector = npt.NDArray[Any]
Words = Callable[[str], Vector]
Photo = Callable[[Image.Image], Vector]


class EmbedRequest(BaseModel):
    text: str


class EmbeddingBody(BaseModel):
    embedding: list[float]
    dimension: int
    model: str


class HealthBody(BaseModel):
    status: str
    model: str


def serving(model: str, words: Words, photo: Photo) -> FastAPI:
    app = FastAPI()

    def answer(vector: Vector) -> EmbeddingBody:
        unit = vector / np.linalg.norm(vector)
        return EmbeddingBody(embedding=unit.tolist(), dimension=unit.size, model=model)

    @app.get("/api/v1/health")
    def health() -> HealthBody:
        return HealthBody(status="healthy", model=model)

    @app.post("/api/v1/embed")
    def embed(asked: EmbedRequest) -> EmbeddingBody:
        return answer(words(asked.text))

    @app.post("/api/v1/embed-image")
    async def embed_photo(request: Request) -> EmbeddingBody:
        data = await _photo_of(request)

        def work() -> EmbeddingBody:
            with Image.open(BytesIO(data)) as opened:
                return answer(photo(opened.convert("RGB")))

        return await run_in_threadpool(work)

    return app


async def _photo_of(request: Request) -> bytes:
    """The multipart field `file`, or the bare body."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.body()
    async with request.form() as form:
        file = form["file"]
        assert not isinstance(file, str)
        return await file.read()
