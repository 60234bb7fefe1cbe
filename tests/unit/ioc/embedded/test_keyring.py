"""The file of secrets."""

from pathlib import Path

import pytest

from ioc.embedded.errors import SetupError
from ioc.embedded.keyring import Keyring, replace


def test_secrets_are_random_closed_and_the_same_next_time(tmp_path: Path) -> None:
    """Made at first asking, then kept; kinds do not mix; another installation has others."""
    path = tmp_path / "secrets.json"
    first = Keyring(path)
    made = first.ensure("device", ["gauge-one", "gauge-two"])
    assert len(set(made.values())) == 2
    assert all(len(secret) == 32 for secret in made.values())
    assert first.get("account", "gauge-one") != made["gauge-one"]
    again = Keyring(path)
    assert again.ensure("device", ["gauge-two", "gauge-one"]) == made
    assert again.installation == first.installation
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keyring(tmp_path / "other.json").installation != first.installation


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    """Never silently replaced: the database knows only the old passwords."""
    path = tmp_path / "secrets.json"
    path.write_text('{"database": ')
    with pytest.raises(SetupError, match="is damaged: restore it"):
        Keyring(path)


def test_a_draft_left_by_a_crash_is_overwritten(tmp_path: Path) -> None:
    """Also when it was readable by others: the new file has the mode asked for."""
    path = tmp_path / "file"
    (tmp_path / ".file.new").write_text("half")
    replace(path, b"whole", mode=0o600)
    assert path.read_bytes() == b"whole"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
