"""How the security centre reads the audit trail: RFC 5424 messages with a CEF body, framed for TLS (RFC 5425).

The body is the plain message (MSG-ANY of RFC 5424, 6.4): most readers of CEF do not expect a byte order mark in
front of `CEF:`. A message stays below the 8,192 bytes that every receiver should take (RFC 5425, 4.3.1).
"""

import datetime as dt
import ipaddress
from collections.abc import Iterator, Mapping

import msgspec

from ioc.audit.chain import Head, Sealed, written

VENDOR = "Quang Nam"
PRODUCT = "IOC"
_FACILITY = 13
"""Log audit (RFC 5424, table 1)."""
_SYSLOG_SEVERITY: Mapping[str, int] = {"done": 6, "refused": 4, "failed": 3}
_CEF_SEVERITY: Mapping[str, int] = {"done": 3, "refused": 6, "failed": 7}
_SEQUENCE_MAX = 2_147_483_647
_LONGEST_WORD = 255
_LONGEST_TEXT = 1023

NAMES: Mapping[str, str] = {
    "session.open": "Signed in",
    "session.refused": "Sign-in refused",
    "session.close": "Signed out",
    "request.refused": "Request refused",
    "media.read": "Evidence picture read",
    "camera.view": "Camera picture viewed",
    "export.items": "Features exported",
    "incident.acknowledge": "Incident acknowledged",
    "rule.make": "Rule made",
    "rule.change": "Rule changed",
    "rule.enable": "Rule enabled",
    "rule.disable": "Rule disabled",
    "rule.override": "Limits of a device or area set",
    "rule.release": "Limits of a device or area removed",
    "rule.restore": "Rule restored",
    "rule.test": "Rule tested on history",
    "device.register": "Device registered",
    "device.change": "Record of a device changed",
    "device.activate": "Device put in use",
    "device.suspend": "Device suspended",
    "device.retire": "Device retired",
    "camera.register": "Camera registered",
    "camera.change": "Record of a camera changed",
    "camera.activate": "Camera put in use",
    "camera.suspend": "Camera suspended",
    "camera.retire": "Camera retired",
    "camera.address": "Address of a camera changed",
    "key.issue": "Key of a device issued",
    "key.adopt": "Key of a device taken over",
    "key.withdraw": "Keys of a device withdrawn",
    "key.end": "Key of a device ended",
    "certificate.sign": "Certificate of a device signed",
    "broker.refuse": "Sign-ins at the broker refused",
    "broker.refused": "Publishes at the broker refused",
    "audit.read": "Audit trail read",
    "audit.export": "Audit trail exported",
    "audit.verify": "Audit trail verified",
    "audit.head": "Head of the audit trail",
    "soc.test": "Test of the security centre's feed",
    "process.start": "Process started",
    "process.stop": "Process stopped",
    "schema.migrate": "Schema migrated",
}


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Which process sends: host name, process id, version of the product."""

    host: str
    process: int
    version: str


_BREAKS = "\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_HEADER = str.maketrans({"\\": "\\\\", "|": "\\|", **dict.fromkeys(_BREAKS, " ")})
_EXTENSION = str.maketrans({**dict.fromkeys(_BREAKS, "\\n"), "\\": "\\\\", "=": "\\=", "\r": "\\r"})


def header(text: str) -> str:
    """A field of the CEF header: `\\` and `|` are escaped; a line break cannot be there and becomes a space."""
    return text.translate(_HEADER)


def extension(text: str) -> str:
    """A value of the CEF extension: `\\`, `=`, CR and LF are escaped, Unicode's other line breaks count as LF."""
    return text.translate(_EXTENSION)


def _address(text: str) -> Iterator[tuple[str, str]]:
    """An address under the key that CEF has for its kind."""
    try:
        version = ipaddress.ip_address(text).version
    except ValueError:
        if text:
            yield "shost", text[:_LONGEST_WORD]
        return
    if version == 4:
        yield "src", text
    else:
        yield from (("c6a2Label", "Source IPv6 Address"), ("c6a2", text))


def _fields(row: Sealed) -> Iterator[tuple[str, str]]:
    entry = row.entry
    yield "rt", str(int(entry.at.timestamp() * 1000))
    yield "externalId", str(row.seq)
    yield "suser", entry.who[:_LONGEST_WORD]
    yield from _address(entry.address)
    yield "act", entry.act[:_LONGEST_WORD]
    yield "outcome", {"done": "success"}.get(entry.outcome, "failure")
    yield "cat", entry.kind[:_LONGEST_WORD]
    labelled = (
        ("cs1", "hash", row.hash.hex()),
        ("cs2", "thing", entry.thing),
        ("cs3", "centre", entry.centre or ""),
        ("cs4", "area", entry.area or ""),
    )
    for key, label, value in labelled:
        if value:
            yield f"{key}Label", label
            yield key, value[:_LONGEST_TEXT]
    if entry.text:
        yield "msg", entry.text[:_LONGEST_TEXT]


def _cef(source: Source, act: str, severity: int, fields: Iterator[tuple[str, str]]) -> str:
    heading = (VENDOR, PRODUCT, source.version, act[:_LONGEST_WORD], NAMES.get(act, act)[:_LONGEST_WORD])
    parts = ["CEF:0", *(header(part) for part in heading), str(severity)]
    return "|".join(parts) + "|" + " ".join(f"{key}={extension(value)}" for key, value in fields if value)


def _printable(text: str, longest: int) -> str:
    """A field of the syslog header: visible ASCII, or the nil value."""
    return "".join(letter for letter in text if "!" <= letter <= "~")[:longest] or "-"


def _syslog(source: Source, at: dt.datetime, severity: int, act: str, seq: int, body: str) -> bytes:
    head = (
        f"<{_FACILITY * 8 + severity}>1 {written(at)} {_printable(source.host, 255)} ioc {source.process} "
        f'{_printable(act, 32)} [meta sequenceId="{(max(seq, 1) - 1) % _SEQUENCE_MAX + 1}"]'
    )
    return f"{head} {body}".encode()


def message(row: Sealed, source: Source) -> bytes:
    """A sealed row as a syslog message. The times are those of the deed; `externalId` is its place in the chain."""
    entry = row.entry
    body = _cef(source, entry.act, _CEF_SEVERITY[entry.outcome], _fields(row))
    return _syslog(source, entry.at, _SYSLOG_SEVERITY[entry.outcome], entry.act, row.seq, body)


def notice(act: str, head: Head, at: dt.datetime, source: Source, text: str = "") -> bytes:
    """A message that is no row of the trail: the head of the chain now and then, and a test."""
    fields = (
        ("rt", str(int(at.timestamp() * 1000))),
        ("externalId", str(head.seq)),
        ("act", act),
        ("outcome", "success"),
        ("cat", "audit"),
        ("cs1Label", "hash"),
        ("cs1", head.hash.hex()),
        ("msg", text[:_LONGEST_TEXT]),
    )
    return _syslog(source, at, 6, act, head.seq, _cef(source, act, 1, iter(fields)))


def framed(text: bytes) -> bytes:
    """Octet counting (RFC 5425, 4.3): the length in bytes, a space, the message."""
    return str(len(text)).encode() + b" " + text
