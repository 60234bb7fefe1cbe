"""`ioc decode`: one payload through a codec, without a database or a broker. What a technician tries first."""

import argparse
import datetime as dt
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from gis.observation import Reading, Sighting
from gis.position import Position
from gis.stamp import is_code
from ioc.clock import now
from sensors.codecs import chirpstack, ioc, lorawan, mapping, senml, tts
from sensors.codecs.codec import Decoded, Trouble, whenever
from sensors.codecs.script import ScriptError, Scripts
from sensors.codecs.table import NAMES, scripts_in
from sensors.profile import Device, Profile

OF_CAMERAS = ("onvif-ej", "frigate")

GENERIC = Profile(code="any", kind="", codec="ioc", interval_s=3600.0, properties={}, everything=True)
"""Takes every number that a payload holds."""


class Tried(msgspec.Struct, frozen=True):
    """What came of a payload; `out` is what a script returned, or a pack resolved, `units` what a payload says."""

    decoded: Decoded
    out: Any = None
    units: Mapping[str, str] = {}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ioc decode", description=__doc__)
    parser.add_argument("--codec", required=True, choices=[*NAMES, *OF_CAMERAS], help="the format")
    parser.add_argument("--script", type=Path, metavar="FILE.js", help="payload script of a LoRaWAN device")
    parser.add_argument("--profile", metavar="CODE", help="a profile, shipped or of IOC_PROFILES; without: any number")
    parser.add_argument("--port", type=int, default=1, metavar="N", help="LoRaWAN port of a raw frame (1)")
    parser.add_argument("--topic", default="", metavar="TOPIC", help="MQTT topic of a camera's event")
    parser.add_argument("--now", type=_moment, metavar="T", help="the arrival, RFC 3339 with a zone (now)")
    payload = parser.add_mutually_exclusive_group(required=True)
    payload.add_argument("--hex", type=_hex, metavar="HEX", help="the payload in hexadecimal digits")
    payload.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the payload; - is stdin")
    return parser


def _moment(text: str) -> dt.datetime:
    try:
        return msgspec.convert(text, lorawan.Moment).astimezone(dt.UTC)
    except (msgspec.ValidationError, OverflowError) as error:
        raise argparse.ArgumentTypeError("give a time as 2026-11-22T01:02:03Z") from error


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise argparse.ArgumentTypeError("give hexadecimal digits, two a byte") from error


def main(arguments: Sequence[str]) -> int:
    """Print one JSON object; 0 when something was understood, 1 with the refusal when nothing was."""
    chosen = _parser().parse_args(arguments)
    try:
        payload = chosen.hex if chosen.hex is not None else _content(chosen.file)
        profile = _profile(chosen)
    except OSError as error:
        return _print({"refusal": {"code": "usage", "reason": f"{error.filename} cannot be read: {error.strerror}"}}, 1)
    except ValueError as error:
        return _print({"refusal": {"code": "usage", "reason": str(error)}}, 1)
    with scripts_in(*([chosen.script.parent] if chosen.script else [])) as scripts:
        tried = _tried(chosen, payload, profile, scripts)
    return _tell(tried, profile)


def _content(path: Path) -> bytes:
    return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()


def _profile(chosen: argparse.Namespace) -> Profile:
    """The profile that is asked for, with the script that is given. Raises ValueError when there is none."""
    found = GENERIC
    if chosen.profile:
        from ioc.catalogue import profiles_of
        from ioc.settings import SettingsError, from_environment

        try:
            known = profiles_of(from_environment())
        except SettingsError as error:
            raise ValueError(str(error)) from error
        if chosen.profile not in known:
            raise ValueError(f"there is no profile {chosen.profile}; there are {', '.join(sorted(known))}")
        found = known[chosen.profile]
    return msgspec.structs.replace(found, script=chosen.script.name) if chosen.script else found


def _device(code: str, profile: Profile) -> Device | None:
    if not is_code(code):
        return None
    return Device(code=code, centre="any", area="", name=code, position=Position(lon=0, lat=0), profile=profile)


def _tried(chosen: argparse.Namespace, payload: bytes, profile: Profile, scripts: Scripts) -> Tried:
    arrived_at: dt.datetime = chosen.now or now()
    device = Device(code="device", centre="any", area="", name="", position=Position(lon=0, lat=0), profile=profile)
    match chosen.codec:
        case "ioc":
            return Tried(ioc.decode(payload, device, arrived_at, whenever))
        case "mapping":
            return Tried(mapping.decode(payload, device, arrived_at, whenever))
        case "senml":
            return _senml(payload, device, arrived_at)
        case "lorawan-raw":
            return _frame(lambda: _raw(payload, chosen.port, arrived_at), profile, scripts)
        case "lorawan-tts":
            return _frame(lambda: tts.uplink_of(payload), profile, scripts)
        case "lorawan-chirpstack":
            return _frame(lambda: chirpstack.uplink_of(payload), profile, scripts)
    from ioc import foreign  # the camera room, which no sensor's payload needs

    told = foreign.tried(chosen.codec, payload, chosen.topic, arrived_at, whenever)
    return Tried(foreign.decoded_of(told), told.decoded)


def _senml(payload: bytes, device: Device, arrived_at: dt.datetime) -> Tried:
    decoded = senml.decode(payload, device, arrived_at, whenever)
    try:
        records = [one for one in senml.resolve(payload, arrived_at) if isinstance(one, senml.Resolved)]
    except senml.SenmlError:
        records = []
    named = ((senml.property_of(one.n, device.profile), one.u) for one in records)
    units: dict[str, str] = {}
    for about, unit in named:
        if about is not None:
            units.setdefault(about.name, unit)
            units.setdefault(f"{about.name} {unit}", unit)
    return Tried(decoded, [one.told() for one in records], units)


def _raw(payload: bytes, port: int, arrived_at: dt.datetime) -> lorawan.Uplink:
    """The bytes as a frame that arrives now, or what a device without a network publishes."""
    try:
        return lorawan.published(payload, "device")
    except ValueError:
        return lorawan.Uplink(names=("device",), run="", sequence=None, at=arrived_at, port=port, frame=payload)


def _frame(uplink_of: Callable[[], lorawan.Uplink], profile: Profile, scripts: Scripts) -> Tried:
    try:
        uplink = uplink_of()
    except ValueError as error:
        return Tried(Decoded((), Trouble("schema", str(error))))
    device = next((found for name in uplink.names if (found := _device(name, profile))), _device("device", profile))
    assert device is not None  # noqa: S101 - the last one has a good code
    try:
        answer = lorawan.answer_of(uplink, device, scripts)
    except ScriptError as error:
        return Tried(Decoded((), error.trouble), error.out)
    decoded = lorawan.reading(uplink, device, answer.data)
    if not decoded.readings and profile.everything:
        decoded = Decoded()  # the script did its work; that it has no numbers is no fault
    return Tried(decoded, answer.out)


def _tell(tried: Tried, profile: Profile) -> int:
    trouble = tried.decoded.trouble
    refusal = {"refusal": {"code": trouble.code, "reason": trouble.reason}} if trouble is not None else {}
    found = tried.decoded
    if trouble is not None and not (found.readings or found.sightings or found.states):
        return _print(refusal if tried.out is None else refusal | {"decoded": tried.out}, 1)
    readings = [_told(one, profile, tried.units) for one in tried.decoded.readings]
    told: dict[str, Any] = {"readings": readings, "sightings": [_seen(one) for one in found.sightings]}
    if found.states:
        told["states"] = [msgspec.to_builtins(one) for one in found.states]
    if found.counted:
        told["counted"] = found.counted
    return _print(told | {"decoded": tried.out} | refusal, 0)


def _seen(one: Sighting) -> dict[str, Any]:
    """A sighting as it would be kept, flat; what it does not say is left out."""
    fields: dict[str, Any] = msgspec.to_builtins(one)
    stamp = fields.pop("stamp")
    told = {"camera": stamp["source"], "at": _time(one.stamp.at), **fields, "position": stamp["position"]}
    if one.since is not None:
        told["since"] = _time(one.since)
    return {name: value for name, value in told.items() if value is not None and name != "type"}


def _time(at: dt.datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _told(reading: Reading, profile: Profile, units: Mapping[str, str]) -> dict[str, Any]:
    known = {name: about.unit for name, about in profile.properties.items()}
    named = {name: unit for name, unit in ({**units, **known}).items() if unit}
    return {
        "device": reading.stamp.source,
        "at": _time(reading.stamp.at),
        "run": reading.stamp.run,
        "seq": reading.stamp.sequence,
        "values": {value.property: value.number for value in reading.values},
        "quality": {value.property: value.quality.word for value in reading.values},
        "unit": {value.property: named[value.property] for value in reading.values if value.property in named},
    }


def _print(told: Mapping[str, Any], ended: int) -> int:
    text = json.dumps(told, ensure_ascii=False, indent=2)
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()
    return ended
