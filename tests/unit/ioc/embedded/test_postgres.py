"""Addresses and settings of the private PostgreSQL; its life is tried in tests/integration."""

import socket
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from ioc.embedded.account import Account
from ioc.embedded.places import Places
from ioc.embedded.postgres import ROLES, SETTINGS, Postgres, free_port


@pytest.fixture
def server(tmp_path: Path) -> Postgres:
    """A server that was never started, with an awkward password and path."""
    state = tmp_path / "a b"
    state.mkdir()
    places = Places(state, "one", lambda _: None, tmp_path)
    return Postgres(places, dict.fromkeys((*ROLES, "postgres"), "p@ss/w:rd?#"))


def test_an_address_survives_awkward_passwords_and_paths(server: Postgres) -> None:
    """Both forms, read back as a client reads them."""
    server.port = 5544
    tcp = urlsplit(server.url("ioc_outside", tcp=True))
    assert (tcp.hostname, tcp.port, tcp.path) == ("127.0.0.1", 5544, "/ioc")
    assert unquote(tcp.password or "") == "p@ss/w:rd?#"
    near = urlsplit(server.url("ioc_app", database="other"))
    assert parse_qs(near.query) == {"host": [str(server.socket)], "port": ["5544"]}
    assert near.path == "/other"


def test_an_unknown_role_has_no_address(server: Postgres) -> None:
    """A typing error is not a connection attempt."""
    with pytest.raises(KeyError):
        server.url("ioc_ap")


def test_what_is_committed_stays_committed() -> None:
    """The three settings that would turn the promise false without an error."""
    assert {SETTINGS[name] for name in ("fsync", "synchronous_commit", "full_page_writes")} == {"on"}


def test_the_account_of_the_server_is_not_root(server: Postgres) -> None:
    """PostgreSQL refuses root, and so do we."""
    assert isinstance(server.account, Account)
    assert server.account.uid != 0


def test_a_free_port_can_be_taken() -> None:
    """On loopback, at once."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
