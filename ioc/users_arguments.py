"""The words of `ioc user`, without what they do: reading them needs neither a database nor argon2."""

import argparse
import re
import uuid
from typing import TypeAlias, get_args

from ioc.access.policy import Role

Deeds: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

LONGEST_DAYS = 366


def _login(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._@-]{0,62}", text):
        raise argparse.ArgumentTypeError("a login has lower-case letters, digits and . _ @ -")
    return text


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) <= LONGEST_DAYS:
        raise argparse.ArgumentTypeError(f"give 1 to {LONGEST_DAYS} days")
    return int(text)


def _deed(parent: Deeds, name: str, what: str, deed: str = "") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = parent.add_parser(name, help=what, description=what)
    parser.set_defaults(deed=deed or name)
    return parser


def _with_login(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("login", type=_login, help="the name with which the person signs in")
    return parser


def _with_url(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--url", default="", help="address of the centre in the one-time link")
    return parser


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the words to the parser of `ioc user`."""
    deeds = parser.add_subparsers(required=True, metavar="deed")
    _add(_with_url(_with_login(_deed(deeds, "add", "make an account and print the link to set its password"))))
    _deed(deeds, "list", "show all accounts")
    _with_login(_deed(deeds, "disable", "close an account and end its sessions"))
    _with_login(_deed(deeds, "enable", "open an account again"))
    changed = _with_url(_with_login(_deed(deeds, "password", "set a password from the terminal or standard input")))
    changed.add_argument("--link", action="store_true", help="print a one-time link instead")
    factor = deeds.add_parser("second-factor", help="the second factor of an account")
    _with_login(_deed(factor.add_subparsers(required=True, metavar="deed"), "reset", "take it away", "second-factor"))
    held = _with_login(_deed(deeds, "sessions", "show the sessions of an account"))
    held.add_argument("--end", action="store_true", help="end them")
    _tokens(deeds.add_parser("token", help="tokens of programs"))


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--role", required=True, choices=get_args(Role))
    parser.add_argument("--centre", help="code of the centre; left out: the whole installation")
    parser.add_argument("--area", nargs="+", default=[], metavar="FID", help="areas, each <code>@<valid_from>")
    parser.add_argument("--name", default="", help="the person's name")
    parser.add_argument("--language", choices=("vi", "en"), default="vi")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--password", action="store_true", help="read the password here instead of printing a link")
    how.add_argument("--program", action="store_true", help="no password: the account has tokens alone")


def _tokens(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(required=True, metavar="deed")
    made = _with_login(_deed(deeds, "add", "make a token and print it once", "token-add"))
    made.add_argument("--label", required=True, help="what it is for")
    made.add_argument("--scope", nargs="+", default=[], metavar="ACT:KIND", help="what it may do; left out: all")
    made.add_argument("--days", type=_days, default=90, help="how long it holds (90)")
    _with_login(_deed(deeds, "list", "show an account's tokens", "token-list"))
    gone = _with_login(_deed(deeds, "revoke", "take a token back", "token-revoke"))
    gone.add_argument("id", type=uuid.UUID, help="as `token list` shows it")
