"""The broker's two files of users: who may sign in, and who may write and read which topic."""

import secrets
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from gis.stamp import is_code
from ioc.registration.broker_key import SALT_BYTES, SECOND, code_of, fits, hashed, is_hash, is_login
from sensors.topics import EVERYTHING, ROOT, topic_of

INTAKE = "ioc-intake"
OUTSIDE = "ioc-outside"

RIGHTS = ("write {}/readings", "write {}/events", "write {}/status", "write {}/in/#", "read {}/receipts")
"""What a device or gateway may do below its own code, in whichever centre: the intake checks the centre."""

_OWN = f"{ROOT}/+/"

ACCESS = f"""# A device or gateway (%u is its user name) speaks under its own code and nowhere else.
{"".join(f"pattern {right.format(_OWN + '%u')}{chr(10)}" for right in RIGHTS)}
user {INTAKE}
topic readwrite {EVERYTHING}
topic readwrite ioc/intake/#
topic read $SYS/#

user {OUTSIDE}
topic write {EVERYTHING}
"""


Behind = Mapping[str, Sequence[tuple[str, str]]]
"""The devices, as (centre, code), that a gateway delivers for."""


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the register lets in at the broker.

    `hashes` are the keys of devices by the name under which they sign in; `behind` as above; `barred` are codes that
    hold a certificate of ours and may say nothing, also on a connection that they have; `revoked` are the serial
    numbers, in hexadecimal digits, of certificates that open no connection any more.
    """

    hashes: Mapping[str, str] = {}
    behind: Behind = {}
    barred: frozenset[str] = frozenset()
    revoked: frozenset[str] = frozenset()


def access_file(behind: Behind, seconds: Iterable[str] = (), barred: Iterable[str] = ()) -> str:
    """The whole access file: a gateway reads the receipts of the devices behind it, beside its own.

    `seconds` are the names with `~`, which the patterns do not fit: each has exactly the rights of its code, line by
    line. `barred` may neither write nor read. Raises ValueError for what is no code of ours: it would be a wildcard
    or break the line.
    """
    shut = set(barred)
    parts = [ACCESS, *(f"\nuser {_safe(code)}\ntopic deny #\n" for code in sorted(shut))]
    for gateway, devices in sorted(behind.items()):
        lines = _receipts(devices)
        if _safe(gateway) not in shut:
            parts.append(f"\nuser {gateway}\n{lines}")
    for code in sorted(_safe(code_of(login)) for login in seconds):
        rights = "".join(f"topic {right.format(_OWN + code)}\n" for right in RIGHTS)
        strange = f"topic deny {_OWN}{code}{SECOND}/#\n"  # which the patterns would give it
        parts.append(f"\nuser {code}{SECOND}\n{strange}{rights}{_receipts(behind.get(code, ()))}")
    return "".join(parts)


def _receipts(devices: Iterable[tuple[str, str]]) -> str:
    topics = (topic_of(_safe(centre), _safe(code), "receipts") for centre, code in sorted(devices))
    return "".join(f"topic read {topic}\n" for topic in topics)


def _safe(code: str) -> str:
    if not is_code(code):
        raise ValueError(f"{code!r} cannot stand in a topic: a code is a-z, 0-9 and -, 2 to 63 characters")
    return code


def line(name: str, key: str) -> str:
    """One line of Mosquitto's password file: PBKDF2-SHA512 of the key with a new salt of 12 bytes.

    Raises ValueError for a name that is no code of ours: it would be a pattern or break the line.
    """
    return hash_line(name, hashed(key, secrets.token_bytes(SALT_BYTES)))


def hash_line(name: str, kept: str) -> str:
    """One line of the password file from a hash. Raises ValueError for a name or a hash that is none of ours."""
    if not is_login(name):
        raise ValueError(f"{name!r} cannot sign in at the broker: a code is a-z, 0-9 and -, 2 to 63 characters")
    if not is_hash(kept):
        raise ValueError(f"the key of {name} is not kept in Mosquitto's own form: give it a new key")
    return f"{name}:{kept}\n"


def hashes_of(text: str) -> dict[str, str]:
    """Names and hashes of a password file; lines of another form are passed over."""
    pairs = (line.partition(":") for line in text.splitlines())
    return {name: kept for name, _, kept in pairs if is_login(name) and is_hash(kept)}


def hashes_for(keys: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """The hash of each key: the known one where it fits, so that an unchanged key leaves its line unchanged."""
    return {
        name: known[name] if fits(key, known.get(name, "")) else hashed(key, secrets.token_bytes(SALT_BYTES))
        for name, key in keys.items()
    }


def password_file(users: Mapping[str, str]) -> str:
    """The whole password file of these names and keys."""
    return "".join(line(name, key) for name, key in sorted(users.items()))


def hash_file(hashes: Mapping[str, str]) -> str:
    """The whole password file of these names and hashes."""
    return "".join(hash_line(name, kept) for name, kept in sorted(hashes.items()))
