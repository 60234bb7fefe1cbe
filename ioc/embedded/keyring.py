"""The secrets of one installation: random, made at first asking, kept in one file of mode 0600."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ioc.embedded.errors import SetupError, from_os


class Keyring:
    """Secrets by kind and name, kept in `path` (JSON, mode 0600).

    `installation` is the id of this installation: a new file is a new installation.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kinds = self._read()
        self.installation = self.get("installation", "id")

    def get(self, kind: str, name: str) -> str:
        """The secret of that kind and name: 32 URL-safe characters, the same at every start."""
        return self.ensure(kind, [name])[name]

    def ensure(self, kind: str, names: Iterable[str]) -> dict[str, str]:
        """The secrets of these names; the missing ones are made and written down in one go."""
        wanted = list(names)
        known = self._kinds.setdefault(kind, {})
        missing = [name for name in wanted if name not in known]
        known.update((name, secrets.token_urlsafe(24)) for name in missing)
        if missing:
            self._write()
        return {name: known[name] for name in wanted}

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, dict[str, str]])
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise from_os(error, self._path) from error
        except msgspec.DecodeError as error:
            raise SetupError(
                f"{self._path} is damaged: restore it, or remove the whole state dir to begin anew."
            ) from error

    def _write(self) -> None:
        text = msgspec.json.format(msgspec.json.encode(self._kinds), indent=1)
        try:
            replace(self._path, text, mode=0o600)
        except OSError as error:
            raise from_os(error, self._path) from error


def replace(path: Path, content: bytes, mode: int, owner: tuple[int, int] | None = None) -> None:
    """Put the content in place of the file as a whole: a reader sees the old or the new, also after a crash.

    `owner` is (uid, gid) for the new file; raises OSError.
    """
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        if owner is not None:
            os.fchown(descriptor, *owner)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    draft.replace(path)
