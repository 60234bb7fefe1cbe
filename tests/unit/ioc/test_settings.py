"""Settings: file first, environment over it, complete, cast, and nothing unknown."""

import typing
from pathlib import Path

import msgspec
import pytest

from ioc.settings import PREFIX, Settings, SettingsError, read


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ioc.toml"


def test_without_a_file_and_an_environment_everything_has_its_default(file: Path) -> None:
    assert read({}, file) == Settings()
    assert Settings().http_port == 8080
    assert Settings().language == "vi"


def test_the_environment_overrules_the_file(file: Path) -> None:
    file.write_text('http_port = 1234\nlanguage = "en"\n')
    settings = read({"IOC_HTTP_PORT": "4321"}, file)
    assert (settings.http_port, settings.language) == (4321, "en")


def test_names_of_others_in_the_environment_are_nobody_s_business(file: Path) -> None:
    assert read({"HOME": "/", "IOCX": "1", "ioc_http_port": "1"}, file) == Settings()


def test_an_unknown_name_in_the_environment_is_refused_with_the_likely_one(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"IOC_HTTP_PROT .*did you mean IOC_HTTP_PORT\?"):
        read({"IOC_HTTP_PROT": "1"}, file)


def test_an_unknown_key_in_the_file_is_refused_with_the_file_and_the_likely_one(file: Path) -> None:
    file.write_text('langauge = "en"\n')
    with pytest.raises(SettingsError, match=r"ioc.toml .*'langauge'.*LANGUAGE"):
        read({}, file)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("http_port", "eighty"),
        ("http_port", "-1"),
        ("http_port", "65536"),
        ("http_port", ""),
        ("language", "fr"),
        ("demo_speed", "0"),
        ("demo_speed", "fast"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_by_its_setting(file: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=PREFIX + name.upper()):
        read({PREFIX + name.upper(): value}, file)


@pytest.mark.parametrize("text", ["http_port = 'x'", "state_dir = 3", "demo_speed = -2.0"])
def test_a_value_of_the_file_that_cannot_be_used_is_named_too(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError, match=PREFIX + text.split()[0].upper()):
        read({}, file)


@pytest.mark.parametrize("raw", [b"not toml at all", b"\xff\xfe", b"a = "])
def test_a_file_that_is_not_toml_is_refused_by_its_name(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    with pytest.raises(SettingsError, match=r"ioc\.toml"):
        read({}, file)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read({}, tmp_path)


def test_numbers_of_the_environment_become_numbers(file: Path) -> None:
    settings = read({"IOC_DEMO_SPEED": "2.5", "IOC_HTTP_PORT": "0"}, file)
    assert (settings.demo_speed, settings.http_port) == (2.5, 0)


def test_an_unknown_time_zone_is_named() -> None:
    with pytest.raises(SettingsError, match=r"IOC_TIMEZONE.*Mars"):
        _ = Settings(timezone="Mars/Olympus").zone
    with pytest.raises(SettingsError, match="IOC_TIMEZONE"):
        _ = Settings(timezone="../etc/passwd").zone
    assert Settings().zone.key == "Asia/Ho_Chi_Minh"


def test_secrets_never_show_in_a_representation() -> None:
    shown = repr(Settings(database_url="postgresql://ioc_app:hunter2@host/ioc")) + str(Settings(mqtt_url="hunter2"))
    assert "hunter2" not in shown


def test_the_state_dir_is_absolute() -> None:
    assert Settings(state_dir="x").state == Path.cwd() / "x"


def test_every_setting_is_a_plain_text_number_or_switch() -> None:
    hints = typing.get_type_hints(Settings)
    assert {field.name for field in msgspec.structs.fields(Settings)} <= set(hints)
    assert set(hints.values()) <= {str, int, float, bool}


MAILED = {"IOC_SMTP_URL": "smtps://ioc:hunter2@mail.example.vn", "IOC_SMTP_SENDER": "IOC <ioc@example.gov.vn>"}


def test_mail_push_and_links_are_read(file: Path) -> None:
    pushing = {"IOC_PUBLIC_URL": "https://IOC.example.gov.vn:8443/", "IOC_PUSH_HOSTS": "Push.example.vn, .notify.test"}
    settings = read(MAILED | pushing, file)
    assert (settings.links, settings.contact) == ("https://ioc.example.gov.vn:8443",) * 2
    assert settings.push_services == ("push.example.vn", ".notify.test")
    assert settings.mail_server is not None
    assert (settings.mail_server.host, settings.mail_server.port) == ("mail.example.vn", 465)
    assert settings.sender is not None
    assert settings.sender.mailbox == "ioc@example.gov.vn"
    assert read(MAILED | {"IOC_PUSH_HOSTS": "push.example.vn"}, file).contact == "mailto:ioc@example.gov.vn"


def test_without_them_nothing_is_sent(file: Path) -> None:
    settings = read({}, file)
    assert (settings.links, settings.mail_server, settings.sender, settings.push_services) == ("", None, None, ())


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"IOC_SMTP_URL": "mail.example.vn"}, "IOC_SMTP_URL"),
        ({"IOC_SMTP_URL": "smtp+plain://ioc:hunter2@mail.example.vn"}, "IOC_SMTP_URL"),
        ({"IOC_SMTP_SENDER": ""}, "IOC_SMTP_SENDER is missing"), ({"IOC_SMTP_SENDER": "IOC"}, "IOC_SMTP_SENDER"),
        ({"IOC_PUBLIC_URL": "ioc.example.vn"}, "IOC_PUBLIC_URL"), ({"IOC_PUBLIC_URL": "https://x/y"}, "IOC_PUBLIC_URL"),
        ({"IOC_PUBLIC_URL": "https://u:p@x"}, "IOC_PUBLIC_URL"), ({"IOC_PUSH_HOSTS": "https://x"}, "IOC_PUSH_HOSTS"),
        ({"IOC_PUSH_HOSTS": "x", "IOC_SMTP_URL": "", "IOC_SMTP_SENDER": ""}, "IOC_PUSH_HOSTS needs a contact"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_of_mail_push_and_links_is_said_at_the_start(
    file: Path, changed: dict[str, str], word: str
) -> None:
    with pytest.raises(SettingsError, match=word) as refusal:
        read(MAILED | changed, file)
    assert "hunter2" not in str(refusal.value)
