"""Fetching a model from a hub that redirects, refuses, is busy, or is none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from scripts.model.catalogue import WHOLE
from scripts.model.download import WrongBytes
from scripts.model.fetch import fetch
from scripts.model.hub import Hub, NotAllowed, NotThere
from scripts.model.patience import FetchFailed, HubDown, Patience, asked_to_wait
from tests.fakes.hub import FakeHub, Fault
from tests.integration.fetches import Waits, check, get, model, pin, safetensors


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub(model()) as running:
        yield running


def test_relative_redirects(hub: FakeHub, tmp_path: Path) -> None:
    hub.linked = {WHOLE: "/cdn/{name}?signature=a%2Fb", "config.json": "../../../../cdn/{name}"}
    get(hub, tmp_path)
    check(tmp_path, hub)


def test_the_token_is_for_the_hub_alone(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", " hf_secret\n")
    monkeypatch.setenv("HF_ENDPOINT", f"{hub.url}/")
    with FakeHub({WHOLE: hub.files[WHOLE]}) as cdn:
        hub.linked = {WHOLE: f"{cdn.url}/cdn/{{name}}", "config.json": "/cdn/{name}"}
        fetch(hub.repo, tmp_path, say=lambda line: None)
        check(tmp_path, hub)
        assert cdn.seen and not any("authorization" in one.headers for one in cdn.seen)
    assert {one.headers.get("authorization") for one in hub.seen} == {"Bearer hf_secret"}


@pytest.mark.parametrize(
    "location",
    ["ftp://127.0.0.1/x", "http://192.0.2.1/x", "http://[/x", "file:///etc/passwd", "https:///x"],
)
def test_redirects_to_other_kinds_of_addresses_are_refused(
    hub: FakeHub, tmp_path: Path, location: str
) -> None:
    hub.linked[WHOLE] = location
    with pytest.raises(FetchFailed, match=r"redirects to .* not an https address"):
        get(hub, tmp_path)


def test_redirects_end(hub: FakeHub, tmp_path: Path) -> None:
    hub.linked[WHOLE] = f"/{hub.repo}/resolve/main/{{name}}"
    with pytest.raises(FetchFailed, match="redirects more than 5 times"):
        get(hub, tmp_path)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (404, NotThere, "check the model's name and revision"),
        (401, NotAllowed, "HF_TOKEN"),
        (403, NotAllowed, "terms"),
        (400, FetchFailed, "is HF_ENDPOINT a model hub"),
    ],
)
def test_refusals_are_not_tried_again(
    hub: FakeHub, tmp_path: Path, status: int, kind: type[FetchFailed], words: str
) -> None:
    hub.faults["tokenizer.json"] = [Fault(status=status)]
    with pytest.raises(kind, match=words):
        get(hub, tmp_path)
    assert len(hub.asked("tokenizer.json")) == 1


def test_an_expired_address_is_asked_for_again(hub: FakeHub, tmp_path: Path) -> None:
    with FakeHub({WHOLE: hub.files[WHOLE]}) as cdn:
        cdn.faults[WHOLE] = [Fault(cut_after=150_000), Fault(status=403)]
        hub.linked[WHOLE] = f"{cdn.url}/cdn/{{name}}"
        get(hub, tmp_path)
        assert cdn.sent(WHOLE) == len(hub.files[WHOLE])
    check(tmp_path, hub)


def test_a_busy_hub_is_given_the_time_it_asks_for(hub: FakeHub, tmp_path: Path) -> None:
    waits = Waits()
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    hub.faults[WHOLE] = [
        Fault(status=429, headers={"Retry-After": "7"}),
        Fault(status=503, headers={"Retry-After": date}),
        Fault(status=500),
    ]
    get(hub, tmp_path, patience=Patience(sleep=waits))
    check(tmp_path, hub)
    first, second, third = waits.seconds
    assert 7 <= first <= 8 and 55 <= second <= 61 and 2 <= third <= 6


def test_a_hub_that_asks_for_too_much_time_is_left(hub: FakeHub, tmp_path: Path) -> None:
    hub.faults[WHOLE] = [Fault(status=429, headers={"Retry-After": "4000"})]
    with pytest.raises(HubDown, match="4000 s"):
        get(hub, tmp_path)


def test_errors_of_the_hub_are_tried_six_times(hub: FakeHub, tmp_path: Path) -> None:
    waits = Waits()
    hub.faults[WHOLE] = [Fault(status=500) for _ in range(9)]
    with pytest.raises(HubDown, match="Tried 6 times"):
        get(hub, tmp_path, patience=Patience(sleep=waits))
    assert len(hub.asked(WHOLE)) == 6 and len(waits.seconds) == 5


def test_nobody_there(tmp_path: Path) -> None:
    with FakeHub({}) as hub:
        pass
    with pytest.raises(HubDown, match="does not answer"):
        get(hub, tmp_path)


@pytest.mark.parametrize("name", ["config.json", WHOLE])
def test_a_log_in_page_is_no_model(hub: FakeHub, tmp_path: Path, name: str) -> None:
    hub.files[name] = b"<html>Welcome to our wireless network</html>"
    with pytest.raises(WrongBytes, match="in the hub's place"):
        get(hub, tmp_path)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://192.0.2.1",
        "hub.local",
        "https://",
        "https://user:secret@hub.local",
        "https://h:x",
        "ftp://127.0.0.1",
        "https://hub.local?x=1",
    ],
)
def test_endpoints_that_are_none(endpoint: str) -> None:
    with pytest.raises(FetchFailed, match="HF_ENDPOINT"):
        Hub(endpoint, None, Patience())


def test_a_broken_token_is_not_shown() -> None:
    with pytest.raises(FetchFailed) as failed:
        Hub("http://127.0.0.1:1", "hf_se\ncret", Patience())
    assert "cret" not in str(failed.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("12", 12),
        ("-3", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert asked_to_wait(header) == seconds


def test_the_hubs_own_word_spares_the_download(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(monkeypatch, hub, **{WHOLE: "0" * 64})
    hub.linked[WHOLE] = "/cdn/{name}"
    with pytest.raises(WrongBytes, match="Nothing was fetched"):
        fetch("pinned", tmp_path, endpoint=hub.url, say=lambda line: None)
    assert not list(tmp_path.glob(f"{WHOLE}*"))


def test_the_cdn_must_send_what_the_hub_says(hub: FakeHub, tmp_path: Path) -> None:
    with FakeHub({WHOLE: safetensors(seed=2)}) as cdn:
        hub.linked[WHOLE] = f"{cdn.url}/cdn/{{name}}"
        with pytest.raises(WrongBytes, match="as the hub itself says"):
            get(hub, tmp_path)
    assert not list(tmp_path.glob(f"{WHOLE}*"))
