"""What every Shelf promises: an index is filled aside, takes another's place, and goes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import IndexMismatch, IndexUnavailable
from core.ports import Shelf, Slot, VectorIndex
from core.stores.folder_shelf import FolderShelf
from core.stores.qdrant_cloud import CloudIndex
from core.stores.qdrant_embedded import EmbeddedIndex
from core.stores.qdrant_shelf import CloudShelf
from tests.contract.indexes import DIMENSION, MODEL, item, stock
from tests.fakes.qdrant_server import KEY, QdrantServer

OTHER = "another model"


class Case:
    """A shelf, and the index as the doors have it."""

    def __init__(self, folder: Path, server: QdrantServer | None) -> None:
        self.folder = folder
        self.server = server
        self.shelf: Shelf = FolderShelf(folder, "products")
        if server is not None:
            self.shelf = CloudShelf(server.url, KEY, "products")

    def served(self, model: str = MODEL, dimension: int = DIMENSION) -> VectorIndex:
        if self.server is not None:
            return CloudIndex.open(self.server.url, KEY, "products", model, dimension)
        return EmbeddedIndex.open(self.folder, "products", model, dimension)

    def ids(self, slot: Slot) -> list[str]:
        with closing(self.shelf.open(slot)) as index:
            return sorted(one.product.id for one in index.page(10).listings)

    def begin(self, model: str = OTHER) -> VectorIndex:
        return self.shelf.begin(model, DIMENSION, large=False)


@pytest.fixture(params=["folder", "cloud"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    if request.param == "folder":
        yield Case(tmp_path, None)
        return
    with QdrantServer() as server:
        case = Case(tmp_path, server)
        with closing(case.shelf):
            yield case


@pytest.fixture
def stocked(case: Case) -> Case:
    with closing(case.served()) as index:
        stock(index, [item("old")])
    with closing(case.begin()) as index:
        stock(index, [item("new")])
    return case


def test_an_empty_one(case: Case) -> None:
    for slot in Slot:
        assert case.shelf.made_for(slot) is None
        with pytest.raises(IndexUnavailable):
            case.shelf.open(slot)
    for slot in (Slot.NEXT, Slot.PREVIOUS):
        assert not case.shelf.drop(slot)
        with pytest.raises(IndexUnavailable):
            case.shelf.switch(slot)


def test_what_is_begun_is_aside_until_it_takes_the_place(stocked: Case) -> None:
    shelf = stocked.shelf
    assert (shelf.made_for(Slot.CURRENT), shelf.made_for(Slot.NEXT)) == (MODEL, OTHER)
    assert (stocked.ids(Slot.CURRENT), stocked.ids(Slot.NEXT)) == (["old"], ["new"])
    shelf.switch(Slot.NEXT)
    assert (shelf.made_for(Slot.CURRENT), shelf.made_for(Slot.PREVIOUS)) == (OTHER, MODEL)
    assert (stocked.ids(Slot.CURRENT), stocked.ids(Slot.PREVIOUS)) == (["new"], ["old"])
    assert shelf.made_for(Slot.NEXT) is None
    with closing(stocked.served(OTHER)) as index:
        assert index.get("new") is not None


def test_what_was_begun_is_gone_on_with(stocked: Case) -> None:
    with closing(stocked.begin()) as index:
        assert index.get("new") is not None


def test_what_was_begun_for_another_model_is_not(stocked: Case) -> None:
    with pytest.raises(IndexMismatch):
        stocked.begin("a third model")


def test_there_and_back_again(stocked: Case) -> None:
    stocked.shelf.switch(Slot.NEXT)
    stocked.shelf.switch(Slot.PREVIOUS)
    assert (stocked.ids(Slot.CURRENT), stocked.ids(Slot.PREVIOUS)) == (["old"], ["new"])
    with closing(stocked.served()) as index:
        assert index.get("old") is not None


@pytest.mark.parametrize("slot", [Slot.NEXT, Slot.PREVIOUS])
def test_what_is_dropped_is_gone_and_the_current_one_stays(stocked: Case, slot: Slot) -> None:
    if slot is Slot.PREVIOUS:
        stocked.shelf.switch(Slot.NEXT)
    assert stocked.shelf.drop(slot)
    assert not stocked.shelf.drop(slot)
    assert stocked.shelf.made_for(slot) is None
    assert stocked.ids(Slot.CURRENT) == (["old"] if slot is Slot.NEXT else ["new"])
    if stocked.server is not None:
        assert len(stocked.server.local.collections) == 1


def test_a_switch_of_folders_that_was_cut_short_is_ended(tmp_path: Path) -> None:
    case = Case(tmp_path, None)
    for index in (case.served(), case.begin()):
        with closing(index):
            stock(index, [item(index.status().model)])
    (tmp_path / "products").rename(tmp_path / "products-previous")  # and then it was killed
    with closing(case.served(OTHER)) as index:
        assert index.get(OTHER) is not None
    assert case.ids(Slot.PREVIOUS) == [MODEL]


def test_a_folder_that_is_open_elsewhere_is_not_moved(tmp_path: Path) -> None:
    case = Case(tmp_path, None)
    with closing(case.served()):
        case.begin().close()
        with pytest.raises(IndexUnavailable, match="already open"):
            case.shelf.switch(Slot.NEXT)
