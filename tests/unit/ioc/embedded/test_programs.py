"""Where the servers' programs are found."""

import subprocess
from pathlib import Path

import pytest

from ioc.embedded import programs
from ioc.embedded.errors import SetupError


def install(root: Path, version: int, *, postgis: bool = True) -> None:
    """A PostgreSQL as Debian lays it out."""
    folder = root / f"usr/lib/postgresql/{version}/bin"
    folder.mkdir(parents=True)
    (folder / "initdb").touch()
    if postgis:
        extensions = root / f"usr/share/postgresql/{version}/extension"
        extensions.mkdir(parents=True)
        (extensions / "postgis.control").touch()


def test_version_15_is_taken_first_and_one_without_postgis_never(tmp_path: Path) -> None:
    """15 is what everything was tried with."""
    install(tmp_path, 17)
    install(tmp_path, 16, postgis=False)
    assert "/17/" in str(programs.postgresql(tmp_path / "data", tmp_path))
    install(tmp_path, 15)
    assert "/15/" in str(programs.postgresql(tmp_path / "data", tmp_path))


def test_data_are_served_by_the_version_that_wrote_them(tmp_path: Path) -> None:
    """And a sentence says which package is missing for that."""
    install(tmp_path, 15)
    install(tmp_path, 16)
    (tmp_path / "PG_VERSION").write_text("16\n")
    assert "/16/" in str(programs.postgresql(tmp_path, tmp_path))
    (tmp_path / "PG_VERSION").write_text("14\n")
    with pytest.raises(SetupError, match="install postgresql-14-postgis-3"):
        programs.postgresql(tmp_path, tmp_path)


def test_missing_programs_are_one_sentence_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both name the package."""
    with pytest.raises(SetupError, match="postgresql-15-postgis-3"):
        programs.postgresql(tmp_path, tmp_path)
    monkeypatch.setattr(programs, "PATH", str(tmp_path))
    with pytest.raises(SetupError, match="which installs mosquitto"):
        programs.mosquitto()
    with pytest.raises(SetupError, match="install grep"):
        programs.without("x")


def test_lines_that_match_are_left_out_whatever_bytes_are_in_them() -> None:
    said = b"1: Received x\n2: Denied Received \xff\n3: \ty\n"
    left = subprocess.run(programs.without("^[0-9]+: (Received |\t)"), input=said, stdout=subprocess.PIPE, check=True)
    assert left.stdout == b"2: Denied Received \xff\n"
