"""Who may administer whose account: nobody gives away more than they have."""

from ioc.access.policy import Person


def administers(actor: Person, person: Person) -> bool:
    """Whether the actor may make, change or end this account: an administrator, within the own part.

    An administrator of a centre keeps to people of that centre; one of some areas or cameras to people of those.
    """
    if actor.role != "admin" or actor.centre not in (None, person.centre):
        return False
    return all(_within(actor, person, field) for field in ("areas", "cameras"))


def _within(actor: Person, person: Person, field: str) -> bool:
    own, theirs = set(getattr(actor, field, ())), set(getattr(person, field, ()))
    return not own or (bool(theirs) and theirs <= own)


def may_change(actor: Person, before: Person, after: Person) -> bool:
    """Whether the actor may turn one account into the other: both must be theirs to administer, and nobody
    changes their own rights."""
    own = actor.login == before.login
    return administers(actor, before) and administers(actor, after) and not (own and _rights(before) != _rights(after))


def _rights(person: Person) -> list[object]:
    personal = ("name", "language")
    return [getattr(person, field) for field in person.__struct_fields__ if field not in personal]
