"""What is sealed opens with its key alone, and only where it belongs."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ioc.vault import Sealed, Vault, VaultError


def test_what_is_sealed_opens_again_and_shows_nothing(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "deep" / "keys.json")
    assert vault.current == ""
    sealed, again = vault.seal("a", "rtsp://u:hunter2@h/"), vault.seal("a", "rtsp://u:hunter2@h/")
    assert vault.open("a", sealed) == "rtsp://u:hunter2@h/"
    assert b"hunter2" not in sealed.data
    assert sealed.data != again.data
    assert sealed.key == vault.current
    assert stat.S_IMODE(vault.path.stat().st_mode) == 0o600
    assert [one.name for one in vault.path.parent.iterdir()] == ["keys.json"]


def test_it_opens_nowhere_else_and_not_when_it_was_changed(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "keys.json")
    sealed = vault.seal("a", "secret")
    changed = bytes([sealed.data[0] ^ 1]) + sealed.data[1:]
    for belongs, one in (("b", sealed), ("a", Sealed(sealed.key, changed)), ("a", Sealed(sealed.key, b""))):
        with pytest.raises(VaultError, match="enter the secret again"):
            vault.open(belongs, one)


def test_a_new_key_seals_and_the_old_one_opens_until_it_is_forgotten(tmp_path: Path) -> None:
    vault, elsewhere = Vault(tmp_path / "keys.json"), Vault(tmp_path / "keys.json")
    old = vault.seal("a", "secret")
    name = vault.turn()
    assert elsewhere.seal("a", "secret").key == name != old.key
    assert elsewhere.open("a", old) == "secret"
    assert (vault.forget(), vault.forget()) == (1, 0)
    with pytest.raises(VaultError, match=f"lacks the key {old.key}"):
        elsewhere.open("a", old)


def test_of_many_that_make_the_first_key_one_wins(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: Vault(tmp_path / "keys.json").seal("a", "secret"), range(8)))
    assert len({one.key for one in made}) == 1
    assert all(Vault(tmp_path / "keys.json").open("a", one) == "secret" for one in made)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"current": "k", "keys": {}}', '{"current": "k", "keys": {"k": "!"}}',
             '{"current": "k", "keys": {"k": "c2hvcnQ="}}'],
)  # fmt: skip
def test_a_damaged_file_is_told_of_and_never_replaced(text: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    with pytest.raises(VaultError, match="damaged"):
        Vault(path).seal("a", "secret")
    assert path.read_text() == text


def test_a_missing_file_and_a_wrong_key_are_told_in_one_sentence(tmp_path: Path) -> None:
    sealed = Vault(tmp_path / "keys.json").seal("a", "secret")
    with pytest.raises(VaultError, match="missing: bring it back"):
        Vault(tmp_path / "other.json").open("a", sealed)
    text = (tmp_path / "keys.json").read_text()
    wrong = Vault(tmp_path / "wrong.json")
    wrong.seal("a", "x")
    key = wrong.path.read_text().partition('"keys":')[2].partition(":")[2]
    wrong.path.write_text(text.partition('"keys":')[0] + f'"keys":{{"{sealed.key}":{key}')
    with pytest.raises(VaultError, match="does not open it"):
        wrong.open("a", sealed)


def test_a_folder_that_takes_no_file_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(VaultError, match="cannot be"):
        Vault(tmp_path / "file" / "keys.json").seal("a", "secret")
