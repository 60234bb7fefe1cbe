"""Seals what the database keeps of other machines' passwords, with keys that are not in the database.

AES-256-GCM (NIST SP 800-38D) with a fresh nonce each; what a text belongs to is authenticated with it, so that the
sealed text of one row opens in no other. The keys lie in one file, mode 0600, each under an id that stands beside what
it sealed: an old key stays until nothing is sealed with it.
"""

import base64
import contextlib
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ioc import kept

KEY_BYTES = 32
_NONCE_BYTES = 12


class VaultError(Exception):
    """A text cannot be sealed or opened; the sentence says what to do and holds no secret."""


class Sealed(msgspec.Struct, frozen=True):
    """A sealed text, and the id of the key that opens it."""

    key: str
    data: bytes


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: the id of the key that seals, and every key by its id (base64)."""

    current: str
    keys: Mapping[str, str]


class Vault:
    """Keys of one file. It is read at each use, so that a rotation elsewhere needs no restart here.

    The first seal makes the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def seal(self, belongs: str, text: str) -> Sealed:
        """Seal a text that belongs to something. Raises VaultError when there is no key and none can be made."""
        ring = self._read() or self._first()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        data = nonce + AESGCM(self._key(ring, ring.current)).encrypt(nonce, text.encode(), belongs.encode())
        return Sealed(ring.current, data)

    def open(self, belongs: str, sealed: Sealed) -> str:
        """The text. Raises VaultError when its key is missing or another, or it belongs to something else."""
        ring = self._read()
        if ring is None:
            raise VaultError(f"{self.path} is missing: bring it back from its backup, or enter the secret again")
        if sealed.key not in ring.keys:
            raise VaultError(f"{self.path} lacks the key {sealed.key}: bring it back, or enter the secret again")
        nonce, data = sealed.data[:_NONCE_BYTES], sealed.data[_NONCE_BYTES:]
        try:
            return AESGCM(self._key(ring, sealed.key)).decrypt(nonce, data, belongs.encode()).decode()
        except (InvalidTag, ValueError):
            raise VaultError(
                f"the key {sealed.key} of {self.path} does not open it: bring the right file back, "
                "or enter the secret again"
            ) from None

    @property
    def current(self) -> str:
        """The id of the key that seals now; empty when there is none yet. Raises VaultError."""
        ring = self._read()
        return ring.current if ring is not None else ""

    def turn(self) -> str:
        """Make a new key, which seals from now on; the others stay. Returns its id. Raises VaultError."""
        ring = self._read()
        fresh = _fresh()
        keys = dict(ring.keys) if ring is not None else {}
        self._write(_File(fresh.current, keys | dict(fresh.keys)))
        return fresh.current

    def forget(self) -> int:
        """Take out every key but the one that seals; how many went. Raises VaultError."""
        ring = self._read()
        if ring is None or len(ring.keys) == 1:
            return 0
        self._write(_File(ring.current, {ring.current: ring.keys[ring.current]}))
        return len(ring.keys) - 1

    def _key(self, ring: _File, name: str) -> bytes:
        try:
            key = base64.b64decode(ring.keys[name], validate=True)
        except (ValueError, KeyError):
            key = b""
        if len(key) != KEY_BYTES:
            raise VaultError(f"{self.path} is damaged: bring it back from its backup")
        return key

    def _read(self) -> _File | None:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=_File)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise VaultError(f"{self.path} cannot be read ({error.strerror}): let the service read it") from error
        except msgspec.DecodeError:
            raise VaultError(f"{self.path} is damaged: bring it back from its backup") from None

    def _first(self) -> _File:
        """The file's first key; of two processes that make one at once, one wins and both use it."""
        draft = self.path.with_name(f".{self.path.name}.first.{secrets.token_hex(8)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            kept.put(draft, msgspec.json.encode(_fresh()))
            with contextlib.suppress(FileExistsError):
                self.path.hardlink_to(draft)
            draft.unlink()
        except OSError as error:
            raise VaultError(f"{self.path} cannot be made ({error.strerror}): let the service write it") from error
        made = self._read()
        if made is None:
            raise VaultError(f"{self.path} was taken away while it was made: try again")
        return made

    def _write(self, ring: _File) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            kept.put(self.path, msgspec.json.encode(ring))
        except OSError as error:
            raise VaultError(f"{self.path} cannot be written ({error.strerror}): let the service write it") from error


def _fresh() -> _File:
    name = secrets.token_hex(4)
    return _File(name, {name: base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()})
