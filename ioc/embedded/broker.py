"""A private Mosquitto: its configuration, its users, its start."""

import asyncio
import contextlib
import signal
from collections.abc import Mapping
from pathlib import Path

from ioc.clock import now
from ioc.embedded import leftovers, programs, users
from ioc.embedded.account import Account, choose
from ioc.embedded.broker_files import CA, CERTIFICATE, KEY, REVOKED, BrokerFiles
from ioc.embedded.children import Child, Children, Manner, tail
from ioc.embedded.errors import SetupError, disk_full, from_os
from ioc.embedded.keyring import replace
from ioc.embedded.places import Places
from ioc.embedded.postgres import free_port
from ioc.embedded.users import Admitted

HOST = "127.0.0.1"
SETTINGS = {
    "allow_anonymous": "false",
    "persistence": "true",
    "autosave_interval": "1",
    "persistent_client_expiration": "7d",
    "max_queued_messages": "1000000",
    "max_inflight_messages": "4000",
    "message_size_limit": "16777216",
    "memory_limit": "2147483648",
    "set_tcp_nodelay": "true",
}
"""The same as docker/mosquitto.conf, where their reasons stand; a house test compares them."""

_TOLD = (
    ("log_dest", "topic"),
    ("log_type", "error"),
    ("log_type", "warning"),
    ("log_type", "notice"),
)
LOG = (("log_dest", "stderr"), *_TOLD)
"""Who signs in is told under $SYS/broker/log too, where `sensors/sign_ins.py` hears of it."""

REFUSALS = (("log_dest", "stdout"), *_TOLD, ("log_type", "debug"))
"""In place of LOG, where each refused publish is to be in the log: Mosquitto tells of it among all that it takes."""

CHATTER = "^[0-9]+: (Received |Sending |\t|No will message )"
"""What is left out of the log then."""

TLS_FILES = {"cafile": CA, "certfile": CERTIFICATE, "keyfile": KEY}
BY_CERTIFICATE = {"crlfile": REVOKED}
FIELD = {"tls_version": "tlsv1.2", "use_username_as_clientid": "true"}
"""Where devices sign in: with the client id of another they would throw it out, so each has its name as its id."""

_READY_WITHIN_S = 20.0


class Broker:
    """The private broker on `host`:`port`. `fixed` are the users that are always there, with their keys.

    With `refusals` each publish that it refuses is a line of its log, up to 4 KiB of what it says later: see
    `ioc/refusals.py`.
    """

    host = HOST

    def __init__(self, places: Places, fixed: Mapping[str, str], *, refusals: bool = False) -> None:
        self.refusals = refusals
        self.account: Account = choose(("mosquitto",), places.state / "broker")
        self._home = places.folder("broker", self.account)
        self._program = programs.mosquitto()
        self._state = places.state
        self._owner = (self.account.uid, self.account.gid) if self.account.switch else None
        self._files = BrokerFiles(self._home, fixed, self._read_anew, self._owner, self._revoked)
        self._child: Child | None = None
        self.port = self.tls_port = self.certificate_port = 0

    @property
    def _configuration(self) -> Path:
        return self._home / "mosquitto.conf"

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self._home

    async def start(self, children: Children) -> Child:
        """Start with the users it had at last, or the fixed ones alone. Raises SetupError.

        Started again it takes the ports that it had, which others were told. It speaks TLS too, with a certificate of
        the authority of this state dir.
        """
        await leftovers.end(str(self._configuration), (signal.SIGTERM, signal.SIGKILL), 5.0)
        sieve = programs.without(CHATTER) if self.refusals else ()
        manner = Manner(reserve_s=1.5, account=self.account, orphaned=signal.SIGTERM, cwd=self._home, sieve=sieve)
        if not (self._home / "passwords").exists():
            await self.set_users({})
        await asyncio.to_thread(self._certify)
        had = self.port, self.tls_port, self.certificate_port
        for _ in range(3):
            self.port, self.tls_port, self.certificate_port = had if had[0] else (free_port() for _ in had)
            self._write("mosquitto.conf", self._text())
            argv = [str(self._program), "-c", str(self._configuration)]
            child = await children.spawn("mosquitto", argv, programs.ENVIRONMENT, manner=manner)
            if await self._ready(child):
                self._child = child
                return child
            await children.end(child)
        raise SetupError("The MQTT broker found no free port on 127.0.0.1 in three tries: close what takes them all.")

    async def set_users(self, people: Mapping[str, str], behind: users.Behind | None = None) -> None:
        """Let exactly these names (device and gateway codes) sign in with their keys, beside the fixed users; who
        stands in `behind` reads the receipts of these devices too.

        Both files are replaced as a whole and the broker reads them again: who was removed is disconnected,
        the others stay. Without a change nothing is written. Raises ValueError for a name that is no code.
        """
        await self._admitted(Admitted(behind=behind or {}), people)

    async def admit(self, admitted: Admitted) -> bool:
        """The same by what is kept of keys; True when the files had to be changed. Raises ValueError, SetupError."""
        return await self._admitted(admitted, {})

    async def _admitted(self, admitted: Admitted, keys: Mapping[str, str]) -> bool:
        try:
            return await self._files.admit(admitted, keys)
        except OSError as error:
            raise from_os(error, self._home) from error

    def _read_anew(self) -> None:
        if self._child is not None:
            self._child.signal(signal.SIGHUP)

    def _write(self, name: str, text: str) -> None:
        try:
            replace(self._home / name, text.encode(), mode=0o600, owner=self._owner)
        except OSError as error:
            raise from_os(error, self._home) from error

    def _text(self) -> str:
        """The configuration file. Values go to the end of their line, so a path may hold spaces."""
        own = {
            "password_file": f"{self._home}/passwords",
            "acl_file": f"{self._home}/access",
            "persistence_location": f"{self._home}/",
        }
        lists = [
            *own.items(),
            *SETTINGS.items(),
            *(REFUSALS if self.refusals else LOG),
            ("listener", f"{self.port} {HOST}"),
        ]
        for port, more in ((self.tls_port, {}), (self.certificate_port, BY_CERTIFICATE)):
            files = {name: f"{self._home}/{file}" for name, file in (TLS_FILES | more).items()}
            lists += [("listener", f"{port} {HOST}"), *files.items(), *FIELD.items()]
            lists += [("require_certificate", "true"), ("use_identity_as_username", "true")] if more else []
        return "".join(f"{name} {value}\n" for name, value in lists)

    def _certify(self) -> None:
        from ioc.embedded import broker_tls  # cryptography is needed here alone, and not in memory elsewhere

        try:
            authority = broker_tls.authority_made_in(self._state, now())
            broker_tls.certificate_made_in(self._home, authority, [HOST, "localhost"], now(), self._owner)
        except OSError as error:
            raise from_os(error, self._home) from error

    def _revoked(self, serials: frozenset[str], before: bytes) -> bytes:
        from ioc.embedded import broker_tls
        from ioc.registration.authority import revocation_list

        return revocation_list(broker_tls.authority_made_in(self._state, now()), serials, before, now())

    async def _ready(self, child: Child) -> bool:
        """Whether it takes connections; False when its port was taken meanwhile. Else raises SetupError."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _READY_WITHIN_S
        while child.code is None:
            if loop.time() > deadline:
                raise SetupError(f"The MQTT broker is not ready after {_READY_WITHIN_S:.0f} s: see {child.log}.")
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(HOST, self.port)
                writer.close()
                await writer.wait_closed()
                return child.code is None
            await asyncio.sleep(0.02)
        await child.settled()
        said = tail(child.log)
        if "Address already in use" in said:
            return False
        if "No space left" in said:
            raise disk_full(self._home)
        raise SetupError(f"The MQTT broker does not start ({child.last_line()}): see {child.log}.")
