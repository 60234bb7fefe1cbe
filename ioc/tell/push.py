"""Web push: a message that only the browser of its reader can open, handed to the push service of that browser.

Delivery is RFC 8030, encryption RFC 8291 (`aes128gcm` of RFC 8188, one record), and the service learns who sends by
RFC 8292 (VAPID). The private key lies in the state dir, and is made when it is first asked for.
"""

import base64
import contextlib
import hashlib
import hmac
import os
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

RECORD = 4096
"""Bytes of the record, which is also the most that a push service must take (RFC 8030, 7.2)."""

LARGEST = RECORD - 16 - 1 - 86
"""Bytes of a message in one record: without its tag, its padding's delimiter and the header (RFC 8291, 4)."""

LASTS_S = 12 * 3600
"""Seconds for which a token of VAPID holds; at most 24 hours are allowed (RFC 8292, 2)."""

_P256 = ec.SECP256R1()


class PushError(ValueError):
    """A subscription or a message that cannot be used."""


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Where a browser is reached and how it is written to; `p256dh` and `auth` in base64url, as browsers give them."""

    endpoint: str
    p256dh: str
    auth: str

    def __repr__(self) -> str:
        return f"Subscription({host_of(self.endpoint)})"


def host_of(endpoint: str) -> str:
    """The host of an address over TLS. Raises PushError for any other."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise PushError("the endpoint of a subscription is no address") from None
    plain = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint and "@" not in parts.netloc
    if parts.scheme != "https" or not host or not plain or port not in (None, 443):
        raise PushError("the endpoint of a subscription begins with https:// and a host")
    return host


def text_of(raw: bytes) -> str:
    """base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """Out of base64url, padded or not. Raises PushError."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise PushError("a key of the subscription is not written in base64url") from None


def check(subscription: Subscription) -> None:
    """Raise PushError when nothing could be sent to it."""
    host_of(subscription.endpoint)
    _point(bytes_of(subscription.p256dh))
    if len(bytes_of(subscription.auth)) != 16:
        raise PushError("the secret of a subscription has 16 bytes")


def _point(raw: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_P256, raw)
    except (ValueError, UnsupportedAlgorithm):
        raise PushError("the key of the subscription is no point of the curve P-256") from None


def public_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public key, uncompressed: 65 bytes."""
    kind, form = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    return key.public_key().public_bytes(kind, form)


def _mac(key: bytes, text: bytes, length: int = 32) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()[:length]


def encrypted(
    message: bytes,
    subscription: Subscription,
    salt: bytes | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The body for the push service. Salt and key are new for each message; only tests give their own.

    Raises PushError when the message has more than LARGEST bytes, or the subscription cannot be used.
    """
    if len(message) > LARGEST:
        raise PushError(f"a message of web push has at most {LARGEST} bytes")
    salt, key = salt or os.urandom(16), key or ec.generate_private_key(_P256)
    theirs, ours, auth = bytes_of(subscription.p256dh), public_of(key), bytes_of(subscription.auth)
    shared = key.exchange(ec.ECDH(), _point(theirs))
    secret = _mac(_mac(auth, shared), b"WebPush: info\0" + theirs + ours + b"\x01")
    pseudo_random = _mac(salt, secret)
    content_key = _mac(pseudo_random, b"Content-Encoding: aes128gcm\0\x01", 16)
    nonce = _mac(pseudo_random, b"Content-Encoding: nonce\0\x01", 12)
    sealed = AESGCM(content_key).encrypt(nonce, message + b"\x02", None)
    return salt + RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours + sealed


class Vapid:
    """The key by which push services know this installation, and what is signed with it."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, contact: str) -> None:
        self._key = key
        self._contact = contact
        self.public = text_of(public_of(key))

    @classmethod
    def made(cls, contact: str) -> "Vapid":
        """With a new key that is kept nowhere."""
        return cls(ec.generate_private_key(_P256), contact)

    @classmethod
    def at(cls, path: Path, contact: str) -> "Vapid":
        """The key in a file, made when there is none, readable by its owner alone. OSError or ValueError when it
        cannot be used; two processes that make it at once end up with the same one."""
        if not path.exists():
            _make(path)
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != _P256.name:
            raise ValueError(f"{path} holds no key of the curve P-256: move it away, and a new one is made")
        return cls(key, contact)

    def authorization(self, endpoint: str, at: float) -> str:
        """The header for an endpoint; `at` in seconds since 1970 (RFC 8292, 3)."""
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(at) + LASTS_S, "sub": self._contact}
        head = {"typ": "JWT", "alg": "ES256"}
        signed = ".".join(text_of(msgspec.json.encode(one)) for one in (head, claims))
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        token = f"{signed}.{text_of(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
        return f"vapid t={token}, k={self.public}"


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    own = path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(4).hex()}")
    pem = ec.generate_private_key(_P256).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first, and its key is the key
            os.link(own, path)
    finally:
        own.unlink()
