"""Who may see and do what. Pure: a person's role and centre in, an answer out."""

from typing import Literal

import msgspec

from ioc.access.scope import EVERYTHING, Scope

Role = Literal["admin", "operator", "district", "registrar", "viewer", "assessor"]
Deed = Literal["acknowledge"]

_MAY: dict[Deed, frozenset[str]] = {
    "acknowledge": frozenset({"admin", "operator", "district"}),
}


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking. `centre` None means the whole installation."""

    login: str
    name: str
    role: str
    centre: str | None
    language: str


def scope_of(person: Person) -> Scope:
    """What a person's requests may see: everything, or their own centre."""
    return EVERYTHING if person.centre is None else Scope(frozenset({person.centre}))


def may(person: Person, deed: Deed) -> bool:
    """Whether the person's role allows a deed on what the person sees."""
    return person.role in _MAY[deed]
