"""The words of `ioc device`, without what they do: reading them needs neither a database nor certificates."""

import argparse
from pathlib import Path
from typing import TypeAlias

from gis.stamp import is_code
from ioc.registration.lifecycle import STATES, STEPS

Deeds: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

_WORDS = {
    "approve": "approve a draft: it may sign in at the broker, and is tried",
    "activate": "put it in use",
    "suspend": "take it out of use for a while; its connection to the broker ends",
    "resume": "put it in use again",
    "retire": "take it out of use for good; its keys and certificates end",
}


def _code(text: str) -> str:
    if not is_code(text):
        raise argparse.ArgumentTypeError("a code is a-z, 0-9 and -, 2 to 63 characters")
    return text


def _place(text: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError("give longitude and latitude in degrees: LON,LAT") from error
    return lon, lat


def _deed(parent: Deeds, name: str, what: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = parent.add_parser(name, help=what, description=what)
    parser.set_defaults(deed=name)
    return parser


def _with_code(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("code", type=_code, help="of the device, gateway or camera")
    return parser


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the words to the parser of `ioc device`."""
    deeds = parser.add_subparsers(required=True, metavar="deed")
    _add(_with_code(_deed(deeds, "add", "draft a device")))
    shown = _deed(deeds, "list", "show devices and cameras, their life cycle and their keys")
    shown.add_argument("--lifecycle", choices=STATES, help="only those")
    for step in STEPS:
        _with_code(_deed(deeds, step, _WORDS[step])).add_argument("--reason", default="", help="why, for the history")
    _with_code(_deed(deeds, "key", "give a new key at the broker and print it once"))
    _with_code(_deed(deeds, "withdraw", "let no key and no certificate of it be good any more"))
    _deed(deeds, "adopt", "take over keys that were made elsewhere").add_argument(
        "file", type=Path, help="a password file of Mosquitto; who has a key here keeps it"
    )
    made = _deed(deeds, "ca", "make the centre's own authority, and the broker's certificate in IOC_BROKER_DIR")
    made.add_argument(
        "--host", nargs="+", default=[], help="names and addresses of the broker; left out: IOC_BROKER_HOST"
    )
    signed = _with_code(_deed(deeds, "certificate", "sign a client certificate for a device and print it"))
    signed.add_argument("--csr", type=Path, required=True, help="the request that the device made (PKCS #10, PEM)")


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", required=True, help="what it measures, such as river-gauge")
    parser.add_argument("--at", type=_place, required=True, metavar="LON,LAT", help="where it stands (WGS 84)")
    parser.add_argument("--name", default="", help="what people call it; left out: its code")
    parser.add_argument("--kind", default="", help="left out: its profile")
    parser.add_argument("--gateway", type=_code, help="the gateway that speaks for it")
    parser.add_argument("--centre", type=_code, help="left out: the centre that serves the place")
