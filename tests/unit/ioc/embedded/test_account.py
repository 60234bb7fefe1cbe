"""As whom servers run."""

import os
from pathlib import Path

import pytest

from ioc.embedded import account


def test_an_ordinary_user_runs_them_as_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is switched, whatever accounts exist."""
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    chosen = account.choose(("root",), tmp_path)
    assert (chosen.uid, chosen.switch, chosen.name) == (4242, False, "4242")


def test_root_takes_the_first_account_that_exists_else_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that is not there is passed over."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    missing = tmp_path / "not made yet"
    assert account.choose(("no-such-account", "daemon"), missing).name == "daemon"
    nobody = account.choose(("no-such-account",), missing)
    assert nobody.name == "nobody"
    assert nobody.uid != 0
    assert nobody.switch


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_root_continues_what_another_user_began(tmp_path: Path) -> None:
    """Files that belong to an ordinary user are served as that user."""
    os.chown(tmp_path, 4242, 4243)
    chosen = account.choose(("daemon",), tmp_path)
    assert (chosen.uid, chosen.gid) == (4242, 4243)
