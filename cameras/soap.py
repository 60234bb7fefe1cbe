"""What is said to an ONVIF camera: SOAP envelopes, and the two ways to prove who asks.

WS-Security UsernameToken (WSS UsernameToken Profile 1.0: the digest of nonce, time and password) and HTTP digest
authentication (RFC 7616). A password leaves neither in the clear.
"""

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

import msgspec

from cameras.onvif_xml import Element

ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://www.w3.org/2005/08/addressing"
_SECEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_DIGEST_TYPE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
_BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"

Nonce = Callable[[int], bytes]
"""So many random bytes."""


class Account(msgspec.Struct, frozen=True, repr_omit_defaults=False):
    """A camera's account; the password is never printed."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Account({self.user!r})"


def token(account: Account, created: dt.datetime, nonce: bytes) -> str:
    """The UsernameToken header, for the camera's own time."""
    stamp = created.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    mixed = hashlib.sha1(nonce + stamp.encode() + account.password.encode(), usedforsecurity=False).digest()
    return (
        f'<w:Security xmlns:w="{_SECEXT}" xmlns:u="{_UTILITY}" s:mustUnderstand="1"><w:UsernameToken>'
        f"<w:Username>{escape(account.user)}</w:Username>"
        f'<w:Password Type="{_DIGEST_TYPE}">{base64.b64encode(mixed).decode()}</w:Password>'
        f'<w:Nonce EncodingType="{_BASE64}">{base64.b64encode(nonce).decode()}</w:Nonce>'
        f"<u:Created>{stamp}</u:Created></w:UsernameToken></w:Security>"
    )


def envelope(body: str, *, action: str, to: str, headers: Sequence[str] = ()) -> bytes:
    """A SOAP 1.2 envelope around a body."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{ENVELOPE}" xmlns:a="{ADDRESSING}"><s:Header>'
        f'<a:Action s:mustUnderstand="1">{escape(action)}</a:Action><a:To>{escape(to)}</a:To>{"".join(headers)}'
        f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def written(element: Element) -> str:
    """An element as text again: what a camera gives to be handed back (WS-Addressing reference parameters)."""
    space = f" xmlns={quoteattr(element.space)}" if element.space else ""
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in element.attributes.items())
    inner = escape("".join(element.pieces)) + "".join(written(child) for child in element.children)
    return f"<{element.name}{space}{attributes}>{inner}</{element.name}>"


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """A server's challenge to a digest (RFC 7616, 3.3)."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: str = ""
    opaque: str = ""

    @classmethod
    def of(cls, header: str) -> "Challenge | None":
        """The challenge of a WWW-Authenticate header that we can answer; None when there is none."""
        start = re.search(r"\bdigest\b", header, re.IGNORECASE)
        if start is None:
            return None
        found = re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))', header[start.end() : start.end() + 2000])
        said = {name.lower(): quoted or plain for name, quoted, plain in found}
        algorithm = said.get("algorithm", "MD5").upper()
        offers = [one.strip() for one in said.get("qop", "").split(",")]
        if "nonce" not in said or algorithm not in _HASHES or (offers != [""] and "auth" not in offers):
            return None
        return cls(
            realm=said.get("realm", ""), nonce=said["nonce"], algorithm=algorithm,
            qop="auth" if "auth" in offers else "", opaque=said.get("opaque", ""),
        )  # fmt: skip

    def answer(
        self, account: Account, method: str, url: str, count: int, client_nonce: str, *, whole: bool = False
    ) -> str:
        """The Authorization header of the `count`-th request with this nonce.

        `whole`: the request names the whole address, as RTSP's do, and not its path alone.
        """
        parts = urlsplit(url)
        path = url if whole else (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        mixed = _HASHES[self.algorithm]
        secret = mixed(f"{account.user}:{self.realm}:{account.password}")
        if self.algorithm.endswith("-SESS"):
            secret = mixed(f"{secret}:{self.nonce}:{client_nonce}")
        deed = mixed(f"{method}:{path}")
        counted = f"{count:08x}:{client_nonce}:auth:" if self.qop else ""
        fields = {
            "username": account.user, "realm": self.realm, "nonce": self.nonce, "uri": path,
            "response": mixed(f"{secret}:{self.nonce}:{counted}{deed}"),
        }  # fmt: skip
        if self.opaque:
            fields["opaque"] = self.opaque
        quoted = ", ".join(f'{name}="{_quoted(value)}"' for name, value in fields.items())
        more = f', qop=auth, nc={count:08x}, cnonce="{client_nonce}"' if self.qop else ""
        return f"Digest {quoted}, algorithm={self.algorithm}{more}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_HASHES = {"MD5": _md5, "MD5-SESS": _md5, "SHA-256": _sha256, "SHA-256-SESS": _sha256}
