"""The words of `ioc replay`, without what they do: reading them needs no database."""

import argparse
import datetime as dt
from pathlib import Path
from typing import Annotated

import msgspec

STATES = ("open", "mended", "all")


def describe(parser: argparse.ArgumentParser) -> None:
    """The words of `ioc replay`."""
    sources = parser.add_subparsers(dest="source_kind", required=True, metavar="what")
    dead = sources.add_parser("dead-letters", help="messages that were refused and are not mended")
    dead.add_argument("--id", type=int, action="append", default=[], metavar="N", help="this one; may be given again")
    dead.add_argument("--code", default="", help="refused for this reason (its word, such as unknown_device)")
    dead.add_argument("--source", default="", metavar="DEVICE", help="sent by this device or gateway")
    dead.add_argument("--since", type=_since, metavar="T", help="that arrived from this moment on, RFC 3339")
    dead.add_argument("--state", choices=STATES, default="open", help="open (default), mended or all")
    dead.add_argument(
        "--clock-slow",
        type=_seconds,
        default=dt.timedelta(),
        metavar="SECONDS",
        help="by how much this centre's own clock was behind (below 0: ahead) when they arrived",
    )
    spool = sources.add_parser("spool", help="what an intake that does not run any more left on its disk")
    spool.add_argument("path", type=Path, metavar="FOLDER", help="its folder below `spool` in the state dir")
    file = sources.add_parser("file", help="messages of a file in JSON Lines: topic, payload, arrived_at")
    file.add_argument("path", type=Path, metavar="FILE")


def _since(text: str) -> dt.datetime:
    try:
        at: dt.datetime = msgspec.convert(text, Annotated[dt.datetime, msgspec.Meta(tz=True)])
    except msgspec.ValidationError as error:
        raise argparse.ArgumentTypeError("give a time as 2026-11-22T01:02:03Z") from error
    return at


def _seconds(text: str) -> dt.timedelta:
    try:
        return dt.timedelta(seconds=float(text))
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError("give seconds, such as 3600 or -90") from error
