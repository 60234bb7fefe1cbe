"""The one table of rights: which role may do what to which kind of thing.

`policy.may` reads it, row-level security is set from it (`scope_of`), and README shows it (a test compares).
Where a person may do it (centre, areas, cameras, time) is the scope's business, in `ioc/access/scope.py`.
"""

from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal["admin", "operator", "district", "registrar", "viewer", "assessor"]
Act = Literal["see", "export", "step", "register", "manage"]
Kind = Literal[
    "incident",
    "alarm",
    "report",
    "rule",
    "silence",
    "ticket",
    "duty",
    "message",
    "sighting",
    "media",
    "device",
    "camera",
    "reading",
    "dead_letter",
    "account",
    "audit",
]

ROLES: tuple[Role, ...] = get_args(Role)
ACTS: tuple[Act, ...] = get_args(Act)
KINDS: tuple[Kind, ...] = get_args(Kind)

WRITING: frozenset[Act] = frozenset({"step", "register", "manage"})
"""Acts that change rows in a person's name; row-level security asks for one of them before it takes a row."""

BOUND: frozenset[Role] = frozenset({"district"})
"""Roles that see nothing until they are bound to a centre or to areas."""

_SEE, _TAKE, _STEP, _KEEP = "see", "see export", "see export step", "see export register"

RIGHTS: Mapping[Kind, Mapping[Role, str]] = {
    "incident": {"admin": _STEP, "operator": _STEP, "district": _STEP, "viewer": _SEE, "assessor": _TAKE},
    "alarm": {"admin": _STEP, "operator": _STEP, "district": _STEP, "viewer": _SEE, "assessor": _TAKE},
    "report": {"admin": _STEP, "operator": _STEP, "district": _STEP, "assessor": _SEE},
    "rule": {"admin": "see manage", "operator": _SEE, "district": _SEE, "viewer": _SEE, "assessor": _TAKE},
    "silence": {"admin": "see step", "operator": "see step", "district": "see step", "viewer": _SEE, "assessor": _TAKE},
    "ticket": {
        "admin": "see export step manage",
        "operator": _STEP,
        "district": _STEP,
        "viewer": _SEE,
        "assessor": _TAKE,
    },
    "duty": {"admin": "see step", "operator": "see step", "district": "see step", "assessor": _SEE},
    "message": {"admin": "see step manage", "operator": _SEE, "district": _SEE, "assessor": _TAKE},
    "sighting": {"admin": _TAKE, "operator": _TAKE, "district": _TAKE, "viewer": _SEE, "assessor": _TAKE},
    "media": {
        "admin": "see export step manage",
        "operator": _STEP,
        "district": _STEP,
        "viewer": _SEE,
        "assessor": _SEE,
    },
    "device": {
        "admin": _KEEP,
        "operator": _TAKE,
        "district": _TAKE,
        "registrar": _KEEP,
        "viewer": _SEE,
        "assessor": _TAKE,
    },
    "camera": {
        "admin": _KEEP,
        "operator": _TAKE,
        "district": _TAKE,
        "registrar": _KEEP,
        "viewer": _SEE,
        "assessor": _TAKE,
    },
    "reading": {
        "admin": _TAKE,
        "operator": _TAKE,
        "district": _TAKE,
        "registrar": _SEE,
        "viewer": _SEE,
        "assessor": _TAKE,
    },
    "dead_letter": {"admin": "see step", "registrar": "see step", "assessor": _SEE},
    "account": {"admin": "see manage", "assessor": _SEE},
    "audit": {"admin": _SEE, "assessor": _TAKE},
}
"""Kind of thing to role to acts; what is not here is not allowed."""

MEANING: Mapping[Kind, str] = {
    "incident": "incidents with their log",
    "alarm": "alarms and their evidence in words",
    "report": "what citizens and agencies report; step: enter one",
    "rule": "rules and their limits",
    "silence": "silences, and what they hid",
    "ticket": "tickets with their log; manage: units, routes, clocks and escalation",
    "duty": "teams and duty rosters",
    "message": "the log of who was told what; step: send again, manage: endpoints",
    "sighting": "what cameras saw: persons, vehicles",
    "media": "evidence: pictures and clips; step: put on legal hold, manage: release",
    "device": "devices and where they stand",
    "camera": "cameras, where they stand, their newest picture",
    "reading": "measured values",
    "dead_letter": "messages that were refused",
    "account": "accounts, their tokens and sessions",
    "audit": "the audit trail",
}


def allows(role: str, act: str, kind: str) -> bool:
    """Whether a role may do this to things of this kind somewhere; unknown words are refused."""
    rights: Mapping[str, Mapping[str, str]] = RIGHTS  # type: ignore[assignment]
    return act in rights.get(kind, {}).get(role, "").split()


def kinds_of(role: str, acts: frozenset[Act]) -> frozenset[str]:
    """The kinds of things to which a role may do at least one of the acts."""
    return frozenset(kind for kind in KINDS if any(allows(role, act, kind) for act in acts))


def table() -> str:
    """The table as Markdown."""
    lines = [f"| | {' | '.join(ROLES)} |", f"|---|{'---|' * len(ROLES)}"]
    for kind in KINDS:
        cells = (RIGHTS[kind].get(role, "").replace(" ", ", ") or "–" for role in ROLES)
        lines.append(f"| {MEANING[kind]} | {' | '.join(cells)} |")
    return "\n".join(lines)
