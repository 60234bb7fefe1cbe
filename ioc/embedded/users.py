"""The broker's two files of users: who may sign in, and who may write and read which topic."""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence

from gis.stamp import is_code
from sensors.topics import topic_of

INTAKE = "ioc-intake"
OUTSIDE = "ioc-outside"
ITERATIONS = 101
"""Mosquitto 2.0's own number. Keys are 192 random bits, which no number of rounds would have to protect."""

ACCESS = f"""# A device or gateway (%u is its user name) speaks under its own code and nowhere else.
pattern write ioc/v1/+/%u/readings
pattern write ioc/v1/+/%u/events
pattern write ioc/v1/+/%u/status
pattern write ioc/v1/+/%u/in/#
pattern read ioc/v1/+/%u/receipts

user {INTAKE}
topic readwrite ioc/v1/#
topic readwrite ioc/intake/#
topic read $SYS/#

user {OUTSIDE}
topic write ioc/v1/#
"""


Behind = Mapping[str, Sequence[tuple[str, str]]]
"""The devices, as (centre, code), that a gateway delivers for."""


def access_file(behind: Behind) -> str:
    """The whole access file: a gateway reads the receipts of the devices behind it, beside its own.

    Raises ValueError for what is no code of ours: it would be a wildcard or break the line.
    """
    parts = [ACCESS]
    for gateway, devices in sorted(behind.items()):
        for code in (gateway, *(part for device in devices for part in device)):
            if not is_code(code):
                raise ValueError(f"{code!r} cannot stand in a topic: a code is a-z, 0-9 and -, 2 to 63 characters")
        topics = (f"topic read {topic_of(centre, code, 'receipts')}\n" for centre, code in sorted(devices))
        parts.append(f"\nuser {gateway}\n{''.join(topics)}")
    return "".join(parts)


def line(name: str, key: str) -> str:
    """One line of Mosquitto's password file: PBKDF2-SHA512 of the key with a new salt of 12 bytes.

    Raises ValueError for a name that is no code of ours: it would be a pattern or break the line.
    """
    if not is_code(name):
        raise ValueError(f"{name!r} cannot sign in at the broker: a code is a-z, 0-9 and -, 2 to 63 characters")
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", key.encode(), salt, ITERATIONS)
    return f"{name}:$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}\n"


def password_file(users: Mapping[str, str]) -> str:
    """The whole password file of these names and keys."""
    return "".join(line(name, key) for name, key in sorted(users.items()))
