"""Every rule of core/settings.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SettingsInvalid
from core.settings import SETTING_NAMES, Settings, load_settings
from tests.unit.test_setting_values import KEY, KEY_TOO, refused


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
            "QUERY_LOG": "true",
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
        query_log=True,
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


def test_photos_lie_in_one_place_that_is_not_reached_in_the_clear() -> None:
    container = "https://myshop.blob.core.windows.net/photos"
    for wrong, field in [
        ({"BLOB_KEY": "c2l4dGVlbi1sZXR0ZXJzLQ=="}, "BLOB_KEY"),
        ({"IMAGE_CONTAINER": container, "IMAGE_BUCKET": "photos"}, "IMAGE_CONTAINER"),
        ({"IMAGE_CONTAINER": container.replace("https", "http")}, "IMAGE_CONTAINER"),
    ]:
        assert [problem.field for problem in refused(**wrong).fields] == [field]


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
