"""Qdrant's REST requests answered by qdrant-client's server-less mode, as strictly as a managed
Qdrant would: a filter on a payload field without an index is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Any

from pydantic import BaseModel, ValidationError
from qdrant_client import QdrantClient
from qdrant_client import models as m


class Refusal(Exception):
    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class LocalQdrant:
    def __init__(self, strict: bool) -> None:
        self._db = QdrantClient(":memory:")
        self._strict = strict
        self._indexes: dict[str, dict[str, str]] = {}
        self._made: dict[str, m.CreateCollection] = {}
        self._lock = Lock()  # the server-less mode is for one thread

    def answer(self, method: str, path: str, body: Any) -> Any:
        """The `result` of Qdrant's answer, as JSON has it."""
        for verb, pattern, does in _ROUTES:
            found = re.fullmatch(pattern, path)
            if verb == method and found:
                with self._lock:
                    return self._done(does, *found.groups(), body)
        raise Refusal(404, "no such path")

    def real(self, name: str) -> str:
        """The collection that has this name, or this alias."""
        return self.aliases.get(name, name)

    @property
    def collections(self) -> list[str]:
        return list(self._made)

    @property
    def aliases(self) -> dict[str, str]:
        return {one.alias_name: one.collection_name for one in self._db.get_aliases().aliases}

    def made_with(self, collection: str) -> m.CreateCollection:
        return self._made[self.real(collection)]

    def forget(self, collection: str) -> None:
        with self._lock:
            self._drop(self.real(collection), None)

    def wipe(self, collection: str, keep: str) -> None:
        """Every point but one, at once, and with what the server-less mode keeps of dead ones."""
        with self._lock:
            names = [name for name in self.aliases if self.real(name) == self.real(collection)]
            collection = self.real(collection)
            [kept] = self._db.retrieve(collection, [keep], with_payload=True)
            self._db.delete_collection(collection)
            self._make(collection)
            its = [{"alias_name": one, "collection_name": collection} for one in names]
            self._rename({"actions": [{"create_alias": one} for one in its]})
            self._db.upsert(collection, [m.PointStruct(id=keep, vector={}, payload=kept.payload)])

    def drop_index(self, collection: str, field: str) -> None:
        with self._lock:
            del self._indexes[self.real(collection)][field]

    def _done(self, does: Callable[..., Any], *said: Any) -> Any:
        if does not in (LocalQdrant._create, LocalQdrant._drop) and len(said) > 1:
            name, body = said
            said = (self.real(name), body)
            if said[0] not in self._indexes:
                raise Refusal(404, f"Not found: Collection `{name}` doesn't exist!")
        try:
            return _json(does(self, *said))
        except ValidationError as error:
            raise Refusal(400, f"Format error in JSON body: {error}") from error
        except ValueError as error:
            raise Refusal(400, f"Wrong input: {error}") from error

    def _create(self, name: str, body: Any) -> Any:
        if name in self._indexes:
            raise Refusal(409, f"Wrong input: Collection `{name}` already exists!")
        if name in self.aliases:
            raise Refusal(400, f"Wrong input: Alias with the same name already exists: {name}")
        self._made[name] = m.CreateCollection.model_validate(body)
        self._indexes[name] = {}
        return self._make(name)

    def _make(self, name: str) -> bool:
        asked = self._made[name]
        return self._db.create_collection(
            name,
            vectors_config=asked.vectors,
            sparse_vectors_config=asked.sparse_vectors,
        )

    def _drop(self, name: str, body: Any) -> bool:
        if self._made.pop(name, None) is None:
            return False
        del self._indexes[name]
        return self._db.delete_collection(name)

    def _rename(self, body: Any) -> Any:
        asked = m.ChangeAliasesOperation.model_validate(body)
        return self._db.update_collection_aliases(asked.actions)

    def _information(self, name: str, body: Any) -> Any:
        schema = {field: {"data_type": kind} for field, kind in self._indexes[name].items()}
        return {**_json(self._db.get_collection(name)), "payload_schema": schema}

    def _index(self, name: str, body: Any) -> Any:
        asked = m.CreateFieldIndex.model_validate(body)
        assert isinstance(asked.field_schema, m.PayloadSchemaType)
        self._indexes[name][asked.field_name] = asked.field_schema.value
        return _COMPLETED

    def _upsert(self, name: str, body: Any) -> Any:
        asked = m.PointsList.model_validate(body)
        for point in asked.points:
            self._check_vectors(name, point.vector)
        return self._db.upsert(name, asked.points, update_mode=asked.update_mode)

    def _retrieve(self, name: str, body: Any) -> Any:
        asked = m.PointRequest.model_validate(body)
        return self._db.retrieve(
            name,
            asked.ids,
            with_payload=True if asked.with_payload is None else asked.with_payload,
            with_vectors=asked.with_vector or False,
        )

    def _scroll(self, name: str, body: Any) -> Any:
        asked = m.ScrollRequest.model_validate(body)
        self._check(name, asked.filter)
        points, beyond = self._db.scroll(
            name,
            asked.filter,
            limit=asked.limit or 10,
            offset=asked.offset,
            with_payload=True if asked.with_payload is None else asked.with_payload,
            with_vectors=asked.with_vector or False,
        )
        return {"points": _json(points), "next_page_offset": beyond}

    def _query(self, name: str, body: Any) -> Any:
        asked = m.QueryRequestBatch.model_validate(body).searches
        for one in asked:
            self._check_vectors(name, [one.using])
            self._check(name, one.filter)
            scope = one.params.idf if one.params else None
            if isinstance(scope, m.IdfCorpusParams):
                self._check(name, scope.corpus)
            one.params = m.SearchParams(idf=scope) if scope else None  # all that it heeds
        return self._db.query_batch_points(name, asked)

    def _count(self, name: str, body: Any) -> Any:
        asked = m.CountRequest.model_validate(body)
        self._check(name, asked.filter)
        return self._db.count(name, asked.filter, exact=asked.exact or False)

    def _facet(self, name: str, body: Any) -> Any:
        asked = m.FacetRequest.model_validate(body)
        if self._indexes[name].get(asked.key) != "keyword":
            raise _unindexed(asked.key)
        self._check(name, asked.filter)
        return self._db.facet(name, asked.key, asked.filter, asked.limit or 10, exact=True)

    def _delete(self, name: str, body: Any) -> Any:
        if "filter" not in body:
            return self._db.delete(name, m.PointIdsList.model_validate(body))
        asked = m.FilterSelector.model_validate(body)
        self._check(name, asked.filter)
        return self._db.delete(name, asked)

    def _change(self, name: str, body: Any) -> Any:
        asked = m.SetPayload.model_validate(body)
        assert asked.filter is not None
        self._check(name, asked.filter)
        # A server takes null for a field that shall go; the server-less mode would keep it.
        gone = [key for key, value in asked.payload.items() if value is None]
        kept = {key: value for key, value in asked.payload.items() if value is not None}
        self._db.set_payload(name, kept, asked.filter)
        self._db.delete_payload(name, gone, asked.filter)
        return _COMPLETED

    def _check_vectors(self, name: str, names: Iterable[Any]) -> None:
        made = self._made[name]
        assert isinstance(made.vectors, dict)
        for one in names:
            if one not in made.vectors and one not in (made.sparse_vectors or {}):
                raise Refusal(400, f"Wrong input: Not existing vector name error: {one}")

    def _check(self, name: str, where: m.Filter | None) -> None:
        for key, kinds in _asked_for(where):
            if self._strict and self._indexes[name].get(key) not in kinds:
                raise _unindexed(key)


def _asked_for(where: m.Filter | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each field a filter names, and the kinds of index that would do."""
    if where is None:
        return
    for conditions in (where.must, where.should, where.must_not):
        several = conditions if isinstance(conditions, list) else [conditions]
        for one in several:
            if isinstance(one, m.Filter):
                yield from _asked_for(one)
            elif one is not None:
                assert isinstance(one, m.FieldCondition), "not among what we ask"
                yield one.key, ("float", "integer") if one.range is not None else ("keyword",)


def _unindexed(key: str) -> Refusal:
    return Refusal(400, f'Bad request: Index required but not found for "{key}".')


def _json(result: Any) -> Any:
    if isinstance(result, BaseModel):
        return result.model_dump(mode="json")
    return [_json(one) for one in result] if isinstance(result, list) else result


_COMPLETED = {"operation_id": 0, "status": "completed"}
_COLLECTION = "/collections/([^/]+)"
_ROUTES: list[tuple[str, str, Callable[..., Any]]] = [
    ("GET", "/aliases", lambda self, body: self._db.get_aliases()),
    ("POST", "/collections/aliases", LocalQdrant._rename),
    ("DELETE", _COLLECTION, LocalQdrant._drop),
    ("PUT", _COLLECTION, LocalQdrant._create),
    ("GET", _COLLECTION, LocalQdrant._information),
    ("PUT", f"{_COLLECTION}/index", LocalQdrant._index),
    ("PUT", f"{_COLLECTION}/points", LocalQdrant._upsert),
    ("POST", f"{_COLLECTION}/points", LocalQdrant._retrieve),
    ("POST", f"{_COLLECTION}/points/scroll", LocalQdrant._scroll),
    ("POST", f"{_COLLECTION}/points/query/batch", LocalQdrant._query),
    ("POST", f"{_COLLECTION}/points/count", LocalQdrant._count),
    ("POST", f"{_COLLECTION}/points/delete", LocalQdrant._delete),
    ("POST", f"{_COLLECTION}/points/payload", LocalQdrant._change),
    ("POST", f"{_COLLECTION}/facet", LocalQdrant._facet),
]
