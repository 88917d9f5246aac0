"""Every rule of core/settings.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SettingsInvalid
from core.settings import SETTING_NAMES, Rate, Settings, load_settings

KEY = "sixteen-letters-"
KEY_TOO = "another-long-key"


def refused(**env: str) -> SettingsInvalid:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(env)
    return caught.value


def test_nothing_set_is_the_defaults() -> None:
    assert load_settings({}) == Settings()


def test_every_field_has_its_name_in_capitals() -> None:
    assert {name.lower() for name in SETTING_NAMES} == set(Settings.__struct_fields__)


def test_everything_set_is_read() -> None:
    settings = load_settings(
        {
            "HOST": "0.0.0.0",
            "PORT": "9000",
            "DATA_DIR": "/tmp/a shop",
            "MODEL": "clip-vit-b-32",
            "MODEL_DIR": "/opt/models",
            "COLLECTION": "spring_2027.a",
            "CACHE_TTL": "0",
            "TOP_K": "24",
            "ADMIN_KEYS": f"{KEY}, {KEY_TOO}",
            "SEARCH_KEYS": KEY,
            "WEBHOOK_SECRETS": f"shop={KEY}, shop={KEY}=too, erp_2={KEY_TOO}",
            "ALLOW_TEST_WEBHOOK": "true",
            "CORS_ORIGINS": "https://a.example, https://b.example",
            "LOG_LEVEL": "warning",
        }
    )
    assert settings == Settings(
        host="0.0.0.0",
        port=9000,
        data_dir=Path("/tmp/a shop"),
        model="clip-vit-b-32",
        model_dir=Path("/opt/models"),
        collection="spring_2027.a",
        cache_ttl=0,
        top_k=24,
        admin_keys=(KEY, KEY_TOO),
        search_keys=(KEY,),
        webhook_secrets=(("shop", KEY), ("shop", f"{KEY}=too"), ("erp_2", KEY_TOO)),
        allow_test_webhook=True,
        cors_origins=("https://a.example", "https://b.example"),
        log_level="WARNING",
    )


def test_settings_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize("empty", ["", "  ", "\t"])
@pytest.mark.parametrize("name", SETTING_NAMES)
def test_an_empty_value_counts_as_not_set(name: str, empty: str) -> None:
    assert load_settings({name: empty}) == Settings()


def test_spaces_around_a_value_do_not_count() -> None:
    assert load_settings({"PORT": " 9000 "}).port == 9000


def test_the_rest_of_the_environment_is_none_of_our_business() -> None:
    assert load_settings({"PATH": "/bin", "port": "1", "LIKENESS_PORT": "x"}) == Settings()


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("PORT", 1, 65535),
        ("CACHE_TTL", 0, 2_592_000),
        ("TOP_K", 1, 100),
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


@pytest.mark.parametrize("name", ["ADMIN_KEYS", "SEARCH_KEYS"])
def test_a_short_key_is_refused_and_never_repeated(name: str) -> None:
    error = refused(**{name: f"{KEY},hunter2"})
    assert [problem.field for problem in error.fields] == [name]
    for told in (error.detail, str(error), repr(error), error.fields[0].message):
        assert "hunter2" not in told
        assert KEY not in told


def test_a_key_of_sixteen_characters_is_enough() -> None:
    assert load_settings({"ADMIN_KEYS": "k" * 16}).admin_keys == ("k" * 16,)
    refused(ADMIN_KEYS="k" * 15)


def test_all_problems_are_told_at_once() -> None:
    error = refused(PORT="many", TOP_K="0", MODEL="../x", LOG_LEVEL="chatty", ADMIN_KEYS="short")
    names = ["PORT", "MODEL", "TOP_K", "ADMIN_KEYS", "LOG_LEVEL"]
    assert [problem.field for problem in error.fields] == names
    assert error.code == "settings_invalid"
    for problem in error.fields:
        assert f"{problem.field}: {problem.message}" in error.detail


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_loopback_needs_no_key(host: str) -> None:
    settings = load_settings({"HOST": host})
    assert settings.listens_on_loopback
    assert settings.admin_keys == ()


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.7", "8.8.8.8", "shop.example", "localhost.example"]
)
def test_any_other_address_needs_an_admin_key(host: str) -> None:
    [problem] = refused(HOST=host).fields
    assert problem.field == "ADMIN_KEYS"
    assert f"HOST={host}" in problem.message
    refused(HOST=host, SEARCH_KEYS=KEY)
    assert not load_settings({"HOST": host, "ADMIN_KEYS": KEY}).listens_on_loopback


def test_a_door_that_nobody_calls_needs_none() -> None:
    assert load_settings({"HOST": "0.0.0.0"}, exposed=False).admin_keys == ()


def test_a_door_that_anyone_may_reach_needs_an_admin_key_whatever_the_host() -> None:
    with pytest.raises(SettingsInvalid, match="set ADMIN_KEYS"):
        load_settings({"HOST": "127.0.0.1", "SEARCH_KEYS": KEY}, exposed=True)
    assert load_settings({"ADMIN_KEYS": KEY}, exposed=True).admin_keys == (KEY,)


@pytest.mark.parametrize(
    ("url", "is_fine"),
    [
        ("https://name.cloud.example:6333", True),
        ("http://127.0.0.1:6333", True),
        ("http://[::1]:6333", True),
        ("http://localhost:6333", True),
        ("http://name.cloud.example:6333", False),
        ("http://10.0.0.7:6333", False),
        ("http://qdrant:6333", False),
    ],
)
def test_the_index_key_is_not_sent_in_the_clear(url: str, is_fine: bool) -> None:
    assert load_settings({"QDRANT_URL": url}).qdrant_url == url
    if is_fine:
        assert load_settings({"QDRANT_URL": url, "QDRANT_API_KEY": KEY}).qdrant_api_key == KEY
    else:
        [problem] = refused(QDRANT_URL=url, QDRANT_API_KEY=KEY).fields
        assert problem.field == "QDRANT_URL"
        assert "https" in problem.message
        assert KEY not in problem.message


@given(
    st.dictionaries(
        st.sampled_from(SETTING_NAMES),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    )
)
def test_whatever_is_set_it_is_settings_or_one_clear_refusal(env: dict[str, str]) -> None:
    try:
        settings = load_settings(env)
    except SettingsInvalid as error:
        assert {problem.field for problem in error.fields} <= set(SETTING_NAMES)
    else:
        assert settings.admin_keys or settings.listens_on_loopback
        assert 1 <= settings.port <= 65535
