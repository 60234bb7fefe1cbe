"""The centre's own certificate authority: for the broker's TLS listener, and for devices that show a certificate.

X.509 as profiled by RFC 5280, elliptic keys on P-256 (which small devices can). All of it is PEM in memory; who calls
keeps it. Certificates begin an hour early, for devices whose clock is slow.
"""

import datetime as dt
import ipaddress
from collections.abc import Iterable, Sequence

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gis.stamp import is_code

AUTHORITY_LASTS = dt.timedelta(days=20 * 365)
SERVER_LASTS = dt.timedelta(days=397)
DEVICE_LASTS = dt.timedelta(days=3 * 365)
LIST_LASTS = dt.timedelta(days=30)
"""How long a list of revoked certificates is good; it is made anew when half of that is over."""

RENEW_BEFORE = dt.timedelta(days=30)
EARLY = dt.timedelta(hours=1)


class AuthorityError(ValueError):
    """What was given cannot be used; the text says what to do."""


class Pair(msgspec.Struct, frozen=True):
    """A certificate and its private key, both PEM. It is never printed."""

    certificate: bytes
    key: bytes

    def __repr__(self) -> str:
        return "Pair(…)"


class Signed(msgspec.Struct, frozen=True):
    """A certificate that was signed: PEM, its serial number in hexadecimal digits, and until when it is good."""

    certificate: bytes
    serial: str
    until: dt.datetime


def make_authority(name: str, now: dt.datetime) -> Pair:
    """A new authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _named(name)
    made = _begun(subject, subject, key.public_key(), now, AUTHORITY_LASTS)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = made.add_extension(_usage(signs=True), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return Pair(_pem(made.sign(key, hashes.SHA256())), _key_pem(key))


def server_pair(authority: Pair, hosts: Sequence[str], now: dt.datetime) -> Pair:
    """A certificate for the broker under these host names and addresses. AuthorityError for what is neither."""
    if not hosts:
        raise AuthorityError("the broker's certificate needs at least one host name or address")
    key = ec.generate_private_key(ec.SECP256R1())
    made = _by(authority, hosts[0], key.public_key(), now, SERVER_LASTS, ExtendedKeyUsageOID.SERVER_AUTH)
    made = made.add_extension(x509.SubjectAlternativeName([_general(host) for host in hosts]), critical=False)
    return Pair(_pem(made.sign(_key(authority), hashes.SHA256())), _key_pem(key))


def is_good_for(certificate: bytes, authority: Pair, hosts: Sequence[str], now: dt.datetime) -> bool:
    """Whether the broker's certificate is this authority's, names these hosts and lasts for a while yet."""
    try:
        found = x509.load_pem_x509_certificate(certificate)
        found.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.certificate))
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return set(names) >= {_general(host) for host in hosts} and found.not_valid_after_utc - now > RENEW_BEFORE


def sign_device(authority: Pair, code: str, request: bytes, now: dt.datetime) -> Signed:
    """A client certificate for a device from its request (PKCS #10, PEM); its common name is the device's code,
    whatever the request says. AuthorityError for a request that cannot be used."""
    if not is_code(code):
        raise AuthorityError(f"{code!r} is no code: a code is a-z, 0-9 and -, 2 to 63 characters")
    try:
        asked = x509.load_pem_x509_csr(request)
        proven = asked.is_signature_valid
    except (ValueError, TypeError) as error:
        raise AuthorityError(f"this is no certificate request in PEM form ({error})") from error
    key = asked.public_key()
    if not proven:
        raise AuthorityError("the request is not signed with the key that it names: make it anew on the device")
    if not isinstance(key, ec.EllipticCurvePublicKey) and not getattr(key, "key_size", 0) >= 2048:
        raise AuthorityError("the key of the request is too weak: make an elliptic key, or RSA of 2048 bits or more")
    made = _by(authority, code, key, now, DEVICE_LASTS, ExtendedKeyUsageOID.CLIENT_AUTH)  # type: ignore[arg-type]
    found = made.sign(_key(authority), hashes.SHA256())
    return Signed(_pem(found), f"{found.serial_number:x}", found.not_valid_after_utc)


def revocation_list(authority: Pair, serials: Iterable[str], before: bytes, now: dt.datetime) -> bytes:
    """The list of revoked certificates (RFC 5280, 5): the one before as long as it says the same and is young."""
    wanted = {int(serial, 16) for serial in serials}
    if _says(before, wanted, authority, now):
        return before
    made = x509.CertificateRevocationListBuilder().issuer_name(_certificate(authority).subject)
    made = made.last_update(now - EARLY).next_update(now + LIST_LASTS)
    for serial in sorted(wanted):
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - EARLY).build()
        made = made.add_revoked_certificate(one)
    return made.sign(_key(authority), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _says(known: bytes, wanted: set[int], authority: Pair, now: dt.datetime) -> bool:
    try:
        found = x509.load_pem_x509_crl(known)
        ours = found.is_signature_valid(_certificate(authority).public_key())  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return False
    ends = found.next_update_utc
    young = ends is not None and ends - now > LIST_LASTS / 2
    return ours and young and {one.serial_number for one in found} == wanted


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime, lasts: dt.timedelta
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(now - EARLY).not_valid_after(now + lasts)


def _by(
    authority: Pair,
    name: str,
    key: ec.EllipticCurvePublicKey,
    now: dt.datetime,
    lasts: dt.timedelta,
    purpose: x509.ObjectIdentifier,
) -> x509.CertificateBuilder:
    issuer = _certificate(authority)
    made = _begun(_named(name), issuer.subject, key, now, lasts)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    made = made.add_extension(_usage(signs=False), critical=True)
    made = made.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    known = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known), critical=False)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError as error:
        raise AuthorityError(f"{host!r} is neither a host name nor an address") from error


def _certificate(pair: Pair) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pair.certificate)
    except ValueError as error:
        raise AuthorityError("the certificate of the authority cannot be read") from error


def _key(pair: Pair) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(pair.key, None)
    except (ValueError, TypeError) as error:
        raise AuthorityError("the key of the authority cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorityError("the key of the authority is not one that we made")
    return key


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
