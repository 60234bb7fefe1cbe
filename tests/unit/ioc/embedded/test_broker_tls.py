"""Where the authority and the broker's certificate lie."""

from pathlib import Path

from ioc.embedded import broker_tls
from ioc.registration.authority import SERVER_LASTS, is_good_for
from tests.fakes.things import NOW

HOSTS = ["127.0.0.1"]


def test_an_authority_is_made_once_and_its_key_is_shut_away(tmp_path: Path) -> None:
    assert broker_tls.authority_in(tmp_path) is None
    made = broker_tls.authority_made_in(tmp_path, NOW)
    assert broker_tls.authority_made_in(tmp_path, NOW) == made == broker_tls.authority_in(tmp_path)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "authority").iterdir()}
    assert modes == {"ca.key": 0o600, "ca.crt": 0o644}


def test_the_broker_is_given_its_own_key_and_not_the_authority_s(tmp_path: Path) -> None:
    """And keeps its certificate until it ends soon or names another host."""
    folder = tmp_path / "broker"
    folder.mkdir()
    authority = broker_tls.authority_made_in(tmp_path, NOW)
    assert broker_tls.certificate_made_in(folder, authority, HOSTS, NOW)
    assert {path.name for path in folder.iterdir()} == {"ca.crt", "server.crt", "server.key", "revoked.pem"}
    assert authority.key not in b"".join(path.read_bytes() for path in folder.iterdir())
    assert (folder / "server.key").stat().st_mode & 0o777 == 0o600
    assert is_good_for((folder / "server.crt").read_bytes(), authority, HOSTS, NOW)
    assert not broker_tls.certificate_made_in(folder, authority, HOSTS, NOW)
    assert broker_tls.certificate_made_in(folder, authority, [*HOSTS, "broker.example.vn"], NOW)
    assert broker_tls.certificate_made_in(folder, authority, HOSTS, NOW + SERVER_LASTS)
