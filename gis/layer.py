"""What a collection of features is made of: its properties, which rows are in the present picture, its key."""

import uuid
from typing import Any, Protocol

import msgspec


class Row(Protocol):
    """Columns by their names: a dict, or a row of a database."""

    def __getitem__(self, key: str, /) -> Any: ...

    def __contains__(self, key: object, /) -> bool: ...


class Field(msgspec.Struct, frozen=True):
    """One property of a feature.

    `kind` is `string uuid integer number boolean datetime date strings object`; `filter` allows
    `name=value` in a query; `tile` puts it into vector tiles; `words` lists the allowed values.
    """

    name: str
    kind: str
    vi: str
    en: str
    filter: bool = False
    tile: bool = False
    words: tuple[str, ...] = ()
    unit: str = ""

    @property
    def scalar(self) -> bool:
        """Whether it has one value, with which another may be compared."""
        return self.kind not in ("strings", "object")

    @property
    def sortable(self) -> bool:
        """Whether features may be sorted by it: it has one value, which does not change by itself as an age does."""
        return self.scalar and self.name != "age_s"


class AnyOf(msgspec.Struct, frozen=True):
    """Only rows whose column has one of these values."""

    column: str
    values: tuple[str, ...]


class NoneOf(msgspec.Struct, frozen=True):
    """Only rows whose column has none of these values; the others are shown to nobody who draws a map."""

    column: str
    values: tuple[str, ...]


class Empty(msgspec.Struct, frozen=True):
    """Only rows whose column holds nothing yet; `but`: and whose other column is not this word."""

    column: str
    but: tuple[str, str] | None = None


class ValidOn(msgspec.Struct, frozen=True):
    """Only rows whose span of days holds the day in question; the last day is exclusive."""

    first: str
    end: str


class Worst(msgspec.Struct, frozen=True):
    """What is worse: `words` of a column, rising; of the same word what is so for longer, since the column `since`."""

    column: str
    words: tuple[str, ...]
    since: str


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """A collection of features.

    `key` are the columns that make the feature's id (joined by a colon), of `key_kind` `uuid` or `string`.
    `geometry` is WGS 84, `mercator` the stored EPSG:3857 twin; `shape` is `point` or `polygon`.
    `span` are the columns of the beginning and the end of a feature's time, for `datetime`.
    `current` keeps what is over out of tiles and snapshots. `worst` says which features a full tile keeps;
    tiles below the zoom `clustered_below` have clusters, those below `drawn_from` are empty.
    """

    id: str
    vi: str
    en: str
    relation: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ("code",)
    key_kind: str = "string"
    geometry: str = "geom"
    mercator: str = "geom3857"
    shape: str = "point"
    span: tuple[str, str] | None = None
    current: AnyOf | NoneOf | Empty | ValidOn | None = None
    worst: Worst | None = None
    clustered_below: int = 0
    drawn_from: int = 0
    subject: str = ""

    def field(self, name: str) -> Field | None:
        """The field of that name, None when there is none."""
        return next((field for field in self.fields if field.name == name), None)

    def fid(self, row: Row) -> str:
        """The feature's id of a row that holds the key columns."""
        if len(self.key) == 1:
            return str(row[self.key[0]])
        return ":".join(str(row[name]) for name in self.key)

    def key_of(self, fid: str) -> tuple[Any, ...] | None:
        """The values of the key columns of a feature's id, None when no feature can have this id."""
        if "\0" in fid or not fid:
            return None
        if self.key_kind == "uuid":
            try:
                return (uuid.UUID(fid),)
            except ValueError:
                return None
        parts = tuple(fid.split(":", len(self.key) - 1))
        return parts if len(parts) == len(self.key) else None
