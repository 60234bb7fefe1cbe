"""Who may see and do what. Pure: a person, an act, a thing and a moment in, an answer out."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal

import msgspec

from ioc.access.rights import BOUND, WRITING, Act, Role, allows, kinds_of
from ioc.access.scope import Scope, Thing

__all__ = ["PAST", "Act", "Person", "Role", "Span", "Thing", "may", "scope_of"]

Span = Literal["live", "day", "all"]

PAST: Mapping[Span, dt.timedelta | None] = {"live": dt.timedelta(0), "day": dt.timedelta(hours=24), "all": None}
"""How long a person of a span still sees what ended: not at all, a day, for ever."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking.

    `centre` None means the whole installation. `areas` are feature ids of which the person sees the whole
    subtree; the store spells it out in `subtree` when it reads the person. `cameras` are the only cameras
    that the person sees. Empty means not bound. `span` is how far back the person sees. `former` are centres that went
    into the person's own: what was there before is seen with it; the store keeps them.
    """

    login: str
    name: str
    role: str
    centre: str | None
    language: str
    areas: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    span: Span = "all"
    subtree: tuple[str, ...] = ()
    former: tuple[str, ...] = ()


def scope_of(person: Person) -> Scope:
    """What a person's requests may see and write. It names no moment, so that it holds as long as the person does."""
    bound = person.centre is not None or bool(person.areas)
    lost = person.role in BOUND and not bound
    return Scope(
        centres=frozenset() if lost else None if person.centre is None else frozenset({person.centre, *person.former}),
        kinds=kinds_of(person.role, frozenset({"see"})),
        writes=kinds_of(person.role, WRITING),
        areas=frozenset((*person.areas, *person.subtree)) if person.areas else None,
        cameras=frozenset(person.cameras) or None,
        past=PAST[person.span],
    )


def may(person: Person, act: Act, thing: Thing, now: dt.datetime) -> bool:
    """Whether a person may do something to a thing: the role allows it, and the person sees the thing."""
    return allows(person.role, act, thing.kind) and scope_of(person).holds(thing, now)
