"""Where the centre's own authority and the broker's certificate lie, and how they are made and renewed."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from ioc.embedded.broker_files import CA, CERTIFICATE, FOLDER, KEY, REVOKED
from ioc.embedded.keyring import replace
from ioc.registration.authority import Pair, is_good_for, make_authority, revocation_list, server_pair


def authority_in(state: Path) -> Pair | None:
    """The authority of this state dir, None when there is none. Raises OSError."""
    folder = state / FOLDER
    try:
        return Pair((folder / CA).read_bytes(), (folder / "ca.key").read_bytes())
    except FileNotFoundError:
        return None


def authority_made_in(state: Path, now: dt.datetime, name: str = "IOC") -> Pair:
    """The authority of this state dir, made at first asking. Raises OSError."""
    found = authority_in(state)
    if found is None:
        folder = state / FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = make_authority(name, now)
        replace(folder / "ca.key", found.key, mode=0o600)
        replace(folder / CA, found.certificate, mode=0o644)
    return found


def certificate_made_in(
    folder: Path, authority: Pair, hosts: Sequence[str], now: dt.datetime, owner: tuple[int, int] | None = None
) -> bool:
    """See that the broker's folder holds what its TLS listener reads; True when its certificate was made anew.

    Raises OSError, and AuthorityError for a host that is none.
    """
    replace(folder / CA, authority.certificate, mode=0o644, owner=owner)
    if not (folder / REVOKED).exists():
        replace(folder / REVOKED, revocation_list(authority, (), b"", now), mode=0o600, owner=owner)
    known = folder / CERTIFICATE
    if known.exists() and (folder / KEY).exists() and is_good_for(known.read_bytes(), authority, hosts, now):
        return False
    made = server_pair(authority, hosts, now)
    replace(folder / KEY, made.key, mode=0o600, owner=owner)
    replace(known, made.certificate, mode=0o644, owner=owner)
    return True
