"""Settings are typed, checked as a whole, and refused with one clear line each."""

import os

import pytest

from shared.settings import Settings, SettingsError


def read(tmp_path, **given):
    return Settings.from_environment({"MARU_DATA": str(tmp_path), **given})


def test_the_embedded_default_needs_nothing(tmp_path):
    settings = read(tmp_path)
    assert settings.embedded
    assert settings.port == 8000
    assert settings.database_url("maps") == f"sqlite:///{tmp_path}/maps.sqlite3"


def test_the_secret_is_made_once_and_kept_private(tmp_path):
    first = read(tmp_path).secret_key
    assert len(first) >= 32
    assert read(tmp_path).secret_key == first
    assert os.stat(tmp_path / "secret_key").st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("MARU_PORT", "80a", "whole number from 0 to 65535"),
        ("MARU_PORT", "70000", "whole number from 0 to 65535"),
        ("MARU_DATABASE", "mysql://h/{service}", "postgresql+psycopg"),
        ("MARU_DATABASE", "postgresql+psycopg://h/one", "{service}"),
        ("MARU_BROKER", "redis://h", "amqp://"),
        ("MARU_SECRET_KEY", "short", "at least 32"),
        ("MARU_LOG_LEVEL", "loud", "debug, info"),
        ("MARU_PUBLIC_URL", "maru.example", "web address"),
        ("MARU_PUBLIC_URL", "https://maru.example/path", "without a path"),
        ("MARU_COLOUR", "red", "not a setting"),
        ("MARU_LOCAL_SIGN_IN", "no", "MARU_OIDC_ISSUER"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(tmp_path, name, value, hint):
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, **{name: value})
    assert name in str(refused.value)
    assert hint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_all_wrong_settings_are_told_at_once(tmp_path):
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, MARU_PORT="x", MARU_BROKER="y")
    assert len(str(refused.value).splitlines()) == 2


def test_the_citys_sign_in_needs_a_client(tmp_path):
    with pytest.raises(SettingsError, match="MARU_OIDC_CLIENT_ID is missing") as refused:
        read(tmp_path, MARU_OIDC_ISSUER="https://id.example/realm")
    assert "MARU_OIDC_CLIENT_SECRET" in str(refused.value)
    given = {"MARU_OIDC_CLIENT_ID": "maru", "MARU_OIDC_CLIENT_SECRET": "s", "MARU_LOCAL_SIGN_IN": "no"}
    assert (
        read(tmp_path, MARU_OIDC_ISSUER="https://id.example/realm/", **given).oidc_issuer == "https://id.example/realm"
    )


def test_a_database_server_needs_a_key_that_all_processes_share(tmp_path):
    with pytest.raises(SettingsError, match="MARU_SECRET_KEY"):
        read(tmp_path, MARU_DATABASE="postgresql+psycopg://h/{service}")


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsError, match="MARU_DATA"):
        Settings.from_environment({"MARU_DATA": str(tmp_path / "file" / "below")})


def test_an_interrupted_first_start_is_told(tmp_path):
    (tmp_path / "secret_key").write_text("")
    with pytest.raises(SettingsError, match="delete it"):
        read(tmp_path)
