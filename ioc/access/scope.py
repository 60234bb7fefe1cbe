"""How much of the installation a person or program may see: everything, or some centres."""

import msgspec


class Scope(msgspec.Struct, frozen=True):
    """The centres that are visible; None means the whole installation, an empty set means nothing."""

    centres: frozenset[str] | None

    @property
    def text(self) -> str:
        """The form that row-level security reads (function ioc_sees)."""
        return "*" if self.centres is None else ",".join(sorted(self.centres))

    def sees(self, centre: str) -> bool:
        """Whether things of a centre are visible."""
        return self.centres is None or centre in self.centres


EVERYTHING = Scope(None)
"""The scope of the service's own work: intake, desk, timers."""
