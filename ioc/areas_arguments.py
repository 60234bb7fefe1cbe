"""The words of `ioc areas` and `ioc centre`, without what they do."""

import argparse
from pathlib import Path


def describe_areas(parser: argparse.ArgumentParser) -> None:
    """Add the words to the parser of `ioc areas`."""
    deeds = parser.add_subparsers(required=True, metavar="deed")
    load = deeds.add_parser("load", help="load a release of administrative units from its file")
    load.set_defaults(deed="load")
    load.add_argument("file", type=Path, help="the head of the release (TOML, JSON), or one GeoJSON file with it")
    _dry(load)
    report = deeds.add_parser("report", help="the releases that were loaded; with a name what one of them moved")
    report.set_defaults(deed="report")
    report.add_argument("release", nargs="?", default="", help="its name")


def describe_centres(parser: argparse.ArgumentParser) -> None:
    """Add the words to the parser of `ioc centre`."""
    deeds = parser.add_subparsers(required=True, metavar="deed")
    merge = deeds.add_parser("merge", help="let a centre go into another one")
    merge.set_defaults(deed="merge")
    merge.add_argument("gone", metavar="FROM", help="code of the centre that ends")
    merge.add_argument("into", metavar="INTO", help="code of the centre that takes over")
    _dry(merge)
    topics = deeds.add_parser("topics", help="devices that may still speak under the topic of a former centre")
    topics.set_defaults(deed="topics")
    topics.add_argument("--end", metavar="CODE", nargs="+", default=[], help="of these it is over: they were changed")


def _dry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
