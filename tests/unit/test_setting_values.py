"""What each setting's words may be, and what is said of those that will not do."""

from __future__ import annotations

import pytest

from core.errors import SettingsInvalid
from core.setting_values import Rate
from core.settings import load_settings

KEY = "sixteen-letters-"
KEY_TOO = "another-long-key"


def refused(**env: str) -> SettingsInvalid:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(env)
    return caught.value


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("PORT", 1, 65535),
        ("CACHE_TTL", 0, 2_592_000),
        ("TOP_K", 1, 100),
        ("TRUSTED_PROXIES", 0, 10),
        ("REQUEST_BUDGET_MS", 100, 600_000),
    ],
)
def test_whole_numbers_have_bounds(name: str, low: int, high: int) -> None:
    for good in (low, high):
        assert getattr(load_settings({name: str(good)}), name.lower()) == good
    for bad in (low - 1, high + 1):
        [problem] = refused(**{name: str(bad)}).fields
        assert problem.field == name
        assert f"from {low} to {high}" in problem.message


@pytest.mark.parametrize("bad", ["many", "8_000", "8e3", "8000.0", "-1", "+1", "0x10", "٣", "²"])
def test_a_number_is_digits_and_nothing_else(bad: str) -> None:
    [problem] = refused(PORT=bad).fields
    assert problem.field == "PORT"
    assert repr(bad) in problem.message


@pytest.mark.parametrize("name", ["MODEL", "COLLECTION"])
@pytest.mark.parametrize("bad", ["../up", ".hidden", "-flag", "a/b", "a b", "--", "a\x00b"])
def test_names_can_not_lead_out_of_their_folder(name: str, bad: str) -> None:
    [problem] = refused(**{name: bad}).fields
    assert problem.field == name


@pytest.mark.parametrize(
    ("said", "meant"),
    [("60/min", Rate(60, 60)), ("5/s", Rate(5, 1)), ("1000000/h", Rate(1_000_000, 3600))],
)
def test_a_rate_is_so_many_in_a_time(said: str, meant: Rate) -> None:
    assert load_settings({"RATE_LIMIT": said}).rate_limit == meant


@pytest.mark.parametrize("bad", ["60", "60/", "/min", "0/min", "60/day", "1000001/s", "6e1/s"])
def test_what_is_no_rate_is_told(bad: str) -> None:
    [problem] = refused(RATE_LIMIT=bad).fields
    assert problem.field == "RATE_LIMIT"
    assert "60/min" in problem.message


def test_a_flag_is_true_or_false() -> None:
    for said, meant in (("true", True), ("False", False)):
        assert load_settings({"ALLOW_HTTP_IMAGES": said}).allow_http_images is meant
    for bad in ("yes", "1", "tru"):
        [problem] = refused(ALLOW_HTTP_IMAGES=bad).fields
        assert "TRUE, FALSE" in problem.message


def test_log_levels_are_known_ones() -> None:
    assert load_settings({"LOG_LEVEL": "debug"}).log_level == "DEBUG"
    assert "DEBUG, INFO, WARNING, ERROR" in refused(LOG_LEVEL="chatty").detail


def test_lists_forgive_spaces_and_stray_commas() -> None:
    settings = load_settings({"CORS_ORIGINS": " https://a.example ,, https://b.example,"})
    assert settings.cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    "said",
    [KEY, f"={KEY}", "shop=", "shop=short-secret", f"test={KEY}", f"health={KEY}", f"a/b={KEY}"],
)
def test_a_webhooks_source_needs_a_name_and_a_secret(said: str) -> None:
    [problem] = refused(WEBHOOK_SECRETS=f"erp={KEY_TOO},{said}").fields
    assert problem.field == "WEBHOOK_SECRETS"
    assert KEY not in problem.message and KEY_TOO not in problem.message


@pytest.mark.parametrize("name", ["ADMIN_KEYS", "SEARCH_KEYS", "EVENT_KEYS"])
def test_a_short_key_is_refused_and_never_repeated(name: str) -> None:
    error = refused(**{name: f"{KEY},hunter2"})
    assert [problem.field for problem in error.fields] == [name]
    for told in (error.detail, str(error), repr(error), error.fields[0].message):
        assert "hunter2" not in told
        assert KEY not in told


def test_a_key_of_sixteen_characters_is_enough() -> None:
    assert load_settings({"ADMIN_KEYS": "k" * 16}).admin_keys == ("k" * 16,)
    refused(ADMIN_KEYS="k" * 15)


@pytest.mark.parametrize(
    "address",
    [
        "https://myshop.blob.core.windows.net/photos",
        "https://myshop.blob.core.chinacloudapi.cn/photos-2027",
        "http://127.0.0.1:10000/devstoreaccount1/photos",
    ],
)
def test_a_container_is_told_by_its_address(address: str) -> None:
    assert load_settings({"IMAGE_CONTAINER": address}).image_container == address
    assert load_settings({"IMAGE_CONTAINER": f"{address}/"}).image_container == address


@pytest.mark.parametrize(
    "bad",
    [
        "photos",
        "https://myshop.blob.core.windows.net",
        "https://myshop.blob.core.windows.net/photos/images/more",
        "https://myshop.blob.core.windows.net/photos?sig=hunter2",
        "https://me:hunter2@myshop.blob.core.windows.net/photos",
        "https://myshop.blob.core.windows.net/Photos",
        "https://myshop.blob.core.windows.net/../photos",
    ],
)
def test_what_is_no_container_is_told_and_never_repeated(bad: str) -> None:
    error = refused(IMAGE_CONTAINER=bad)
    assert [problem.field for problem in error.fields] == ["IMAGE_CONTAINER"]
    assert "hunter2" not in error.detail


def test_a_storage_key_is_base64_and_never_repeated() -> None:
    there = {"IMAGE_CONTAINER": "https://myshop.blob.core.windows.net/photos"}
    key = "c2l4dGVlbi1sZXR0ZXJzLQ=="
    assert load_settings({**there, "BLOB_KEY": key}).blob_key == key
    for bad in ("hunter2", "hunter2=", "c2l4dGVlbi1s"):
        error = refused(**there, BLOB_KEY=bad)
        assert [problem.field for problem in error.fields] == ["BLOB_KEY"]
        assert bad not in error.detail
