"""Fetching a model over a line that cuts, stalls and lies, and by a process that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.model.catalogue import WHOLE
from scripts.model.fetch import fetch
from scripts.model.patience import FetchFailed, HubDown, Patience
from tests.e2e.running import eventually
from tests.fakes.hub import COMMIT, FakeHub, Fault
from tests.integration.fetches import BIG, Waits, check, get, model, pin, safetensors


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub(model()) as running:
        yield running


@pytest.mark.parametrize("linked", [False, True])
def test_a_cut_connection_is_gone_on_with(hub: FakeHub, tmp_path: Path, linked: bool) -> None:
    if linked:
        hub.linked[WHOLE] = "/cdn/{name}"
        hub.faults[WHOLE] = [Fault(), Fault(cut_after=150_000), Fault(), Fault(cut_after=100_000)]
    else:
        hub.faults[WHOLE] = [Fault(cut_after=150_000), Fault(cut_after=100_000)]
    get(hub, tmp_path)
    check(tmp_path, hub)
    asked = [one for one in hub.asked(WHOLE) if one.status != 302]
    assert [one.headers.get("range") for one in asked] == [None, "bytes=150000-", "bytes=250000-"]
    assert asked[1].headers["if-range"].startswith('"')
    assert hub.sent(WHOLE) == len(hub.files[WHOLE])


def test_a_reset_connection_is_gone_on_with(hub: FakeHub, tmp_path: Path) -> None:
    hub.faults[WHOLE] = [Fault(cut_after=150_000, reset=True)]
    get(hub, tmp_path)
    check(tmp_path, hub)
    assert len(hub.asked(WHOLE)) == 2


def test_a_server_without_ranges_begins_anew(hub: FakeHub, tmp_path: Path) -> None:
    hub.faults[WHOLE] = [Fault(cut_after=150_000), Fault(no_ranges=True)]
    get(hub, tmp_path)
    check(tmp_path, hub)
    assert hub.sent(WHOLE) == 150_000 + len(hub.files[WHOLE])


def test_a_weak_tag_is_not_gone_on_with(hub: FakeHub, tmp_path: Path) -> None:
    hub.weak = True
    hub.faults[WHOLE] = [Fault(cut_after=150_000)]
    get(hub, tmp_path)
    check(tmp_path, hub)
    assert not any("range" in one.headers for one in hub.asked(WHOLE))


def test_a_file_that_changed_between_attempts_begins_anew(hub: FakeHub, tmp_path: Path) -> None:
    hub.faults[WHOLE] = [Fault(cut_after=150_000), Fault(status=400)]
    with pytest.raises(FetchFailed, match="400"):
        get(hub, tmp_path)
    assert (tmp_path / f"{WHOLE}.part").stat().st_size == 150_000
    hub.files[WHOLE] = safetensors(seed=2)
    get(hub, tmp_path)
    check(tmp_path, hub)
    assert "if-range" in hub.asked(WHOLE)[-1].headers


def test_pieces_that_do_not_fit_are_thrown_away(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(monkeypatch, hub)
    hub.faults[WHOLE] = [Fault(cut_after=150_000), Fault(status=400)]
    with pytest.raises(FetchFailed):
        fetch("pinned", tmp_path, endpoint=hub.url, patience=Patience(sleep=Waits()))
    part = tmp_path / f"{WHOLE}.part"
    part.write_bytes(b"?" * part.stat().st_size)
    fetch("pinned", tmp_path, endpoint=hub.url)
    check(tmp_path, hub)


def test_another_piece_than_asked_is_not_taken(hub: FakeHub, tmp_path: Path) -> None:
    wrong = {"Content-Range": f"bytes 3-{BIG}/{BIG + 1}"}
    hub.faults[WHOLE] = [Fault(cut_after=150_000), Fault(headers=wrong)]
    get(hub, tmp_path)
    check(tmp_path, hub)


def test_a_lying_content_length_ends(hub: FakeHub, tmp_path: Path) -> None:
    waits = Waits()
    size = len(hub.files[WHOLE])
    hub.faults[WHOLE] = [Fault(length=size + 10, no_ranges=True) for _ in range(20)]
    with pytest.raises(HubDown, match=rf"sent {size} of {size + 10} bytes .* is kept"):
        get(hub, tmp_path, patience=Patience(sleep=waits))
    assert not (tmp_path / WHOLE).exists()
    # The first attempt brought something, so it does not count towards the six.
    assert len(waits.seconds) <= 6
    hub.faults.clear()
    get(hub, tmp_path)
    check(tmp_path, hub)


@pytest.mark.parametrize("part", ["body", "head"])
def test_a_drip_is_cut_off(hub: FakeHub, tmp_path: Path, part: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100
    fault = Fault(drip=0.02) if part == "body" else Fault(drip=0.02, answer=head)
    hub.faults[WHOLE] = [fault]
    patience = Patience(sleep=Waits(), stall=0.2, answer=0.5, read=1)
    get(hub, tmp_path, patience=patience)
    check(tmp_path, hub)


def test_a_body_of_unknown_length_is_not_believed(hub: FakeHub, tmp_path: Path) -> None:
    cut = b"HTTP/1.1 200 OK\r\n\r\n" + hub.files[WHOLE][:1000]
    hub.faults[WHOLE] = [Fault(answer=cut)]
    get(hub, tmp_path)
    check(tmp_path, hub)
    assert len(hub.asked(WHOLE)) == 2


def test_chunks_say_where_the_end_is(hub: FakeHub, tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = hub.files[WHOLE][:1000]
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n"
    hub.faults[WHOLE] = [Fault(answer=head + chunk), Fault(answer=head + chunk + b"0\r\n\r\n")]
    hub.files[WHOLE] = body
    get(hub, tmp_path)
    check(tmp_path, hub)
    assert len(hub.asked(WHOLE)) == 2


def test_silence_is_cut_off(hub: FakeHub, tmp_path: Path) -> None:
    go = threading.Event()
    hub.faults[WHOLE] = [Fault(cut_after=150_000, hold=go)]
    get(hub, tmp_path, patience=Patience(sleep=Waits(), read=0.5))
    go.set()
    check(tmp_path, hub)
    assert any(one.headers.get("range") == "bytes=150000-" for one in hub.asked(WHOLE))


def test_two_at_once_fetch_it_once(hub: FakeHub, tmp_path: Path) -> None:
    said: list[str] = []
    go = threading.Event()
    hub.faults[WHOLE] = [Fault(cut_after=1000, hold=go)]
    threads = [
        threading.Thread(target=get, args=(hub, tmp_path), kwargs={"say": said.append})
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    eventually(lambda: any("another fetch" in line for line in said), 5)
    go.set()
    for thread in threads:
        thread.join(10)
    check(tmp_path, hub)
    assert len(hub.asked(WHOLE)) == 1


def test_killed_half_way_it_goes_on(hub: FakeHub, tmp_path: Path) -> None:
    go = threading.Event()
    hub.faults[WHOLE] = [Fault(cut_after=150_000, hold=go)]
    code = "import sys; from scripts.model.fetch import fetch; fetch(sys.argv[1], sys.argv[2])"
    code = code.replace("sys.argv[2]", "__import__('pathlib').Path(sys.argv[2])")
    part = tmp_path / f"{WHOLE}.part"
    with subprocess.Popen(
        [sys.executable, "-c", code, hub.repo, str(tmp_path)],
        env=os.environ | {"HF_ENDPOINT": hub.url},
        cwd=Path(__file__).resolve().parents[2],
        stderr=subprocess.DEVNULL,
    ) as child:
        eventually(lambda: part.exists() and part.stat().st_size == 150_000, 20)
        child.send_signal(signal.SIGKILL)
    go.set()
    get(hub, tmp_path)
    check(tmp_path, hub)
    resumed = [one for one in hub.asked(WHOLE) if "range" in one.headers]
    assert [one.sent for one in resumed] == [len(hub.files[WHOLE]) - 150_000]


def test_killed_before_the_last_step_it_needs_no_bytes(hub: FakeHub, tmp_path: Path) -> None:
    get(hub, tmp_path)
    whole, url = tmp_path / WHOLE, f"{hub.url}/{hub.repo}/resolve/{COMMIT}/{WHOLE}"
    whole.rename(tmp_path / f"{WHOLE}.part")
    note = {
        "source": url,
        "etag": None,
        "total": whole.with_suffix(".safetensors.part").stat().st_size,
        "digest": None,
    }
    (tmp_path / f"{WHOLE}.part.json").write_text(json.dumps(note))
    get(hub, tmp_path)
    check(tmp_path, hub)
    assert len(hub.asked(WHOLE)) == 1
