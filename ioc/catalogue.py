"""Profiles and rule packs in the types of the rooms that use them: shipped ones, and profiles of the deployment."""

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ioc import data
from ioc.incidents.basins import Basins, basins_of
from ioc.incidents.policy import Policy, policy_of
from ioc.incidents.rules import Rule
from ioc.incidents.told import Wording
from ioc.registration import lawful
from ioc.registration.lawful import Law
from ioc.retention import classes
from ioc.settings import Settings, SettingsError
from sensors.codecs.table import NAMES
from sensors.profile import Path as Steps
from sensors.profile import Profile, Property

OF_CAMERAS = ("onvif-ej", "frigate")
"""Codecs of the camera room."""

WITHOUT_PROPERTIES = ("lorawan-tts", "lorawan-chirpstack", *OF_CAMERAS)
"""Codecs of gateways, which measure nothing themselves."""

_Steps = str | list[str]


class _PropertyTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    name_en: str
    unit: str
    min: float
    max: float
    path: _Steps = ""
    scale: float = 1.0
    offset: float = 0.0
    text: bool = False

    def __post_init__(self) -> None:
        if not self.min < self.max:
            raise ValueError("min must be below max")
        if not self.scale or not all(map(math.isfinite, (self.scale, self.offset))):
            raise ValueError("scale must be a number other than 0, and offset a number")


class _ProfileTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    name_en: str
    codec: str
    interval_s: float
    property: dict[str, _PropertyTable] = {}
    retention: str = "standard"
    script: str = ""
    variables: dict[str, str] = {}
    at: _Steps = ""
    seq: _Steps = ""
    run: _Steps = ""

    def __post_init__(self) -> None:
        if self.codec not in (*NAMES, *OF_CAMERAS):
            names = ", ".join((*NAMES, *OF_CAMERAS))
            raise ValueError(f"there is no codec {self.codec!r}; there are {names}")
        if not self.property and self.codec not in WITHOUT_PROPERTIES:
            raise ValueError(f"the codec {self.codec} needs at least one property")
        if not self.interval_s > 0:
            raise ValueError("interval_s must be above 0")
        if self.retention not in (known := classes()):
            raise ValueError(f"there is no retention class {self.retention!r}; there are {', '.join(sorted(known))}")


def profiles(more: Path | None = None) -> dict[str, Profile]:
    """Every profile by its code: the shipped ones, and over them those of a file, if there is one.

    Raises SettingsError with one sentence naming what is wrong in the file.
    """
    tables = data.profiles() | (_read(more) if more is not None else {})
    return {code: _profile(code, table, more) for code, table in tables.items()}


def profiles_of(settings: Settings) -> dict[str, Profile]:
    """Every profile of a deployment. Raises SettingsError naming what is wrong in its file."""
    if settings.profiles:
        path = Path(settings.profiles)
        if not path.is_file():
            raise SettingsError(f"IOC_PROFILES cannot be {settings.profiles!r}: there is no such file")
        return profiles(path)
    path = settings.state / "profiles.toml"
    return profiles(path if path.is_file() else None)


def law_of(settings: Settings) -> Law:
    """What the law asks of devices and cameras here. Raises SettingsError naming what is wrong in the file."""
    if not settings.register_policy:
        return lawful.law_of(data.register())
    path = Path(settings.register_policy)
    try:
        return lawful.law_of(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"the policy of the register in {path} cannot be used: {error}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"the profiles in {path} cannot be read: {error}") from error
    tables = found.get("profile")
    if set(found) != {"profile"} or not isinstance(tables, dict):
        raise SettingsError(f"the profiles in {path} must stand in tables [profile.CODE], and nothing else")
    return tables


def _profile(code: str, raw: Mapping[str, Any], path: Path | None) -> Profile:
    try:
        table = msgspec.convert(raw, _ProfileTable)
    except msgspec.ValidationError as error:
        raise SettingsError(f"the profile {code} in {path or 'profiles.toml'} cannot be used: {error}") from error
    properties = {
        name: Property(
            name=name,
            unit=about.unit,
            title=about.name,
            title_en=about.name_en,
            minimum=about.min,
            maximum=about.max,
            path=_steps(about.path),
            scale=about.scale,
            offset=about.offset,
            text=about.text,
        )
        for name, about in table.property.items()
    }
    return Profile(
        code=code,
        kind=table.name,
        codec=table.codec,
        interval_s=table.interval_s,
        properties=properties,
        retention=table.retention,
        script=table.script,
        variables=table.variables,
        at=_steps(table.at),
        seq=_steps(table.seq),
        run=_steps(table.run),
    )


def _steps(written: _Steps) -> Steps:
    """`a.b` or `["a", "b"]`, which names members with a dot in their names, too."""
    return tuple(written.split(".") if written else ()) if isinstance(written, str) else tuple(written)


def rules(*, demo: bool) -> tuple[Rule, ...]:
    """The rules of every shipped pack that are shipped enabled; packs marked as the demo's only when asked for.

    Raises msgspec.ValidationError naming the member of a rule that is not as agreed.
    """
    return tuple(
        rule_of(pack["pack"], rule)
        for pack in data.rule_packs()
        if demo or not pack["pack"].get("demo", False)
        for rule in pack["rule"]
        if rule.get("enabled", True)
    )


def rule_of(pack: Mapping[str, Any], raw: Mapping[str, Any]) -> Rule:
    """A rule of a pack's file in its type, whether it is shipped enabled or not.

    Raises msgspec.ValidationError naming the member that is not as agreed.
    """
    own = {name: value for name, value in raw.items() if name != "enabled"}
    return msgspec.convert(own | {"pack": pack["code"], "version": pack["version"]}, Rule)


def wording() -> Wording:
    """How what people say becomes alarms. Raises msgspec.ValidationError naming the member that is not as agreed."""
    names = {code: {"vi": about["vi"], "en": about["en"]} for code, about in data.categories()["category"].items()}
    return msgspec.convert({**data.told(), "titles": names}, Wording)


def basins() -> Basins:
    """The shipped rivers. Raises PolicyError with one sentence on what is wrong."""
    return basins_of(data.basins())


def policy() -> Policy:
    """The shipped categories and what belongs together. Raises PolicyError with one sentence on what is wrong."""
    return policy_of(data.categories())
