"""What requests and answers about people look like; the same models validate and describe them."""

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from ioc.access.passwords import LONGEST
from ioc.access.policy import Role

LOGIN = r"^[a-z0-9][a-z0-9._@-]{0,62}\Z"
_STORABLE = r"^[^\x00]*\Z"

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=_STORABLE)]
Login = Annotated[str, Meta(pattern=LOGIN)]
Password = Annotated[str, Meta(min_length=1, max_length=LONGEST)]
Code = Annotated[str, Meta(max_length=64, pattern=_STORABLE)]
Language = Literal["vi", "en"]
Area = Annotated[str, Meta(min_length=1, max_length=100, pattern=_STORABLE)]
Areas = Annotated[tuple[Area, ...], Meta(max_length=300)]
Days = Annotated[int, Meta(ge=1, le=366)]
Scope = Annotated[str, Meta(max_length=64, pattern=_STORABLE)]
Scopes = Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=30)]


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a request: an unknown member is an error, not a guess. Never printed: it may hold a secret."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an answer."""


class SignIn(Request, frozen=True, kw_only=True):
    """`code`: six digits of the authenticator app, or a recovery code; needed once the account has one."""

    user: Name
    password: Password
    code: Code = ""


class CentreNames(Answer, frozen=True, kw_only=True):
    """A centre's names."""

    code: str
    name: str
    name_en: str


class Replay(Answer, frozen=True, kw_only=True):
    """Recorded seconds that are played in a second."""

    speed: float


class Who(Answer, frozen=True, kw_only=True):
    """Who is signed in, and what the pages need to know about this installation.

    `sees`: the kinds of things that the role may see; a page asks for no other.
    """

    user: str
    name: str
    role: str
    sees: list[str]
    centre: str | None
    language: str
    timezone: str
    centres: list[CentreNames]
    replay: Replay | None


class TakeInvite(Request, frozen=True, kw_only=True):
    """`secret` is what stands behind the # of the one-time link."""

    secret: Annotated[str, Meta(min_length=1, max_length=200)]
    password: Password


class Welcome(Answer, frozen=True, kw_only=True):
    """With which name to sign in now."""

    user: str


class Own(Answer, frozen=True, kw_only=True):
    """One's own account."""

    user: str
    name: str
    role: str
    centre: str | None
    language: str
    second_factor: bool
    recovery_codes_left: int


class ChangeOwn(Request, frozen=True, kw_only=True):
    """What people change about themselves."""

    language: Language


class ChangePassword(Request, frozen=True, kw_only=True):
    """The password of now, and the one from now on."""

    password: Password
    new_password: Password


class Reauthenticate(Request, frozen=True, kw_only=True):
    """The password once more; `code` where the account has a second factor."""

    password: Password
    code: Code = ""


class Confirm(Request, frozen=True, kw_only=True):
    """The first code of a new authenticator."""

    code: Code


class NewFactor(Answer, frozen=True, kw_only=True):
    """The secret of an authenticator, shown this once: to type, and as an `otpauth` address."""

    secret: str
    uri: str


class RecoveryCodes(Answer, frozen=True, kw_only=True):
    """Recovery codes, shown this once."""

    recovery_codes: list[str]


class SessionOf(Answer, frozen=True, kw_only=True):
    """A session in a list; `current` is the one that asks."""

    id: uuid.UUID
    created_at: dt.datetime
    seen_at: dt.datetime
    expires_at: dt.datetime
    address: str
    agent: str
    current: bool = False


class Ended(Answer, frozen=True, kw_only=True):
    """How many ended."""

    ended: int


class MakeToken(Request, frozen=True, kw_only=True):
    """A token for a program: what it may do (`act:kind`, `*` for any), and for how many days."""

    label: Name
    scopes: Scopes
    days: Days


class TokenOf(Answer, frozen=True, kw_only=True):
    """A token in a list."""

    id: uuid.UUID
    label: str
    scopes: tuple[str, ...]
    created_at: dt.datetime
    used_at: dt.datetime | None
    expires_at: dt.datetime | None


class NewToken(TokenOf, frozen=True, kw_only=True):
    """A token with its secret, shown this once."""

    token: str


class MakePerson(Request, frozen=True, kw_only=True):
    """A new account; its person sets the password through the link that the answer holds."""

    login: Login
    name: Name
    role: Role
    centre: Name | None = None
    language: Language = "vi"
    areas: Areas = ()
    cameras: Areas = ()
    span: Literal["live", "day", "all"] = "all"
    program: bool = False


class ChangePerson(Request, frozen=True, kw_only=True):
    """What changes about an account; what is left out stays."""

    name: Name | msgspec.UnsetType = msgspec.UNSET
    role: Role | msgspec.UnsetType = msgspec.UNSET
    centre: Name | msgspec.UnsetType | None = msgspec.UNSET
    language: Language | msgspec.UnsetType = msgspec.UNSET
    areas: Areas | msgspec.UnsetType = msgspec.UNSET
    cameras: Areas | msgspec.UnsetType = msgspec.UNSET
    span: Literal["live", "day", "all"] | msgspec.UnsetType = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET


class Invite(Answer, frozen=True, kw_only=True):
    """A one-time link below this server's address, shown this once; its secret stands behind the #."""

    link: str
    expires_at: dt.datetime


class PersonOf(Answer, frozen=True, kw_only=True):
    """An account as its administrators see it."""

    login: str
    name: str
    role: str
    centre: str | None
    language: str
    areas: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    span: str = "all"
    created_at: dt.datetime
    disabled_at: dt.datetime | None
    has_password: bool
    second_factor: bool
    invited_until: dt.datetime | None
    seen_at: dt.datetime | None


class NewPerson(Answer, frozen=True, kw_only=True):
    """A new account and its link; no link for a program, which has tokens instead."""

    person: PersonOf
    invite: Invite | None


ROUTES: tuple[tuple[str, str, str, type[Request] | None, Any], ...] = (
    ("post", "/api/v1/session", "Sign in", SignIn, Who),
    ("get", "/api/v1/session", "Who is signed in", None, Who),
    ("delete", "/api/v1/session", "Sign out", None, None),
    ("post", "/api/v1/invite", "Set a password through a one-time link", TakeInvite, Welcome),
    ("get", "/api/v1/account", "One's own account", None, Own),
    ("patch", "/api/v1/account", "Choose one's language", ChangeOwn, Own),
    ("post", "/api/v1/account/password", "Change one's password; other sessions end", ChangePassword, None),
    ("post", "/api/v1/account/factor", "Begin a second factor", Reauthenticate, NewFactor),
    ("post", "/api/v1/account/factor/confirm", "Confirm the second factor by a code", Confirm, RecoveryCodes),
    ("post", "/api/v1/account/factor/remove", "Remove the second factor", Reauthenticate, None),
    ("post", "/api/v1/account/recovery-codes", "Make new recovery codes", Reauthenticate, RecoveryCodes),
    ("get", "/api/v1/account/sessions", "One's sessions", None, list[SessionOf]),
    ("delete", "/api/v1/account/sessions", "End all one's other sessions", None, Ended),
    ("delete", "/api/v1/account/sessions/{id}", "End one of one's sessions", None, None),
    ("get", "/api/v1/account/tokens", "One's tokens", None, list[TokenOf]),
    ("post", "/api/v1/account/tokens", "Make a token", MakeToken, NewToken),
    ("delete", "/api/v1/account/tokens/{id}", "Take a token back", None, None),
    ("get", "/api/v1/people", "The accounts that one administers", None, list[PersonOf]),
    ("post", "/api/v1/people", "Make an account", MakePerson, NewPerson),
    ("get", "/api/v1/people/{login}", "An account", None, PersonOf),
    ("patch", "/api/v1/people/{login}", "Change, disable or enable an account", ChangePerson, PersonOf),
    ("post", "/api/v1/people/{login}/invite", "A new one-time link to set the password", None, Invite),
    ("delete", "/api/v1/people/{login}/factor", "Reset the second factor", None, None),
    ("get", "/api/v1/people/{login}/sessions", "An account's sessions", None, list[SessionOf]),
    ("delete", "/api/v1/people/{login}/sessions", "End an account's sessions", None, Ended),
    ("delete", "/api/v1/people/{login}/sessions/{id}", "End one session of an account", None, None),
    ("get", "/api/v1/people/{login}/tokens", "An account's tokens", None, list[TokenOf]),
    ("post", "/api/v1/people/{login}/tokens", "Make a token for a program's account", MakeToken, NewToken),
    ("delete", "/api/v1/people/{login}/tokens/{id}", "Take an account's token back", None, None),
)
"""Method, path, what it is, what it takes, what it answers (None: 204 without a body)."""
