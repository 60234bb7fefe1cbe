"""The centre's own certificates, looked at with the library that made them; a real broker is in tests/integration."""

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from ioc.registration import authority
from ioc.registration.authority import AuthorityError, Pair
from tests.fakes.things import NOW


@pytest.fixture(scope="module")
def ours() -> Pair:
    return authority.make_authority("IOC", NOW)


def request(name: str = "somebody-else", key: object = None) -> bytes:
    key = key or ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    )
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)  # type: ignore[arg-type]


def test_a_device_gets_its_own_code_as_its_name_whatever_it_asks_for(ours: Pair) -> None:
    signed = authority.sign_device(ours, "gauge-a", request("ioc-intake"), NOW)
    found = x509.load_pem_x509_certificate(signed.certificate)
    found.verify_directly_issued_by(x509.load_pem_x509_certificate(ours.certificate))
    assert [one.value for one in found.subject] == ["gauge-a"]
    assert int(signed.serial, 16) == found.serial_number
    assert signed.until == NOW + authority.DEVICE_LASTS
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_what_cannot_be_signed_is_refused_with_a_sentence(ours: Pair) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
    broken = bytearray(x509.load_pem_x509_csr(request()).public_bytes(serialization.Encoding.DER))
    broken[-1] ^= 1
    forged = x509.load_der_x509_csr(bytes(broken)).public_bytes(serialization.Encoding.PEM)
    for code, asked, why in (
        ("#", request(), "is no code"),
        ("gauge-a", b"no request", "no certificate request"),
        ("gauge-a", request(key=weak), "too weak"),
        ("gauge-a", forged, "make it anew"),
    ):
        with pytest.raises(AuthorityError, match=why):
            authority.sign_device(ours, code, asked, NOW)


def test_the_broker_s_certificate_is_good_for_its_hosts_and_renewed_in_time(ours: Pair, tmp_path: Path) -> None:
    hosts = ["broker.example.vn", "127.0.0.1"]
    made = authority.server_pair(ours, hosts, NOW)
    assert authority.is_good_for(made.certificate, ours, hosts, NOW)
    assert not authority.is_good_for(made.certificate, ours, [*hosts, "other.example.vn"], NOW)
    assert not authority.is_good_for(made.certificate, authority.make_authority("IOC", NOW), hosts, NOW)
    assert not authority.is_good_for(
        made.certificate, ours, hosts, NOW + authority.SERVER_LASTS - dt.timedelta(days=29)
    )
    assert not authority.is_good_for(b"", ours, hosts, NOW)
    (tmp_path / "one.pem").write_bytes(made.certificate + made.key)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / "one.pem")
    with pytest.raises(AuthorityError, match="neither a host name"):
        authority.server_pair(ours, ["Đà Nẵng"], NOW)


def test_a_list_stays_while_it_says_the_same_and_is_young(ours: Pair) -> None:
    first = authority.revocation_list(ours, {"ff", "1"}, b"", NOW)
    assert {one.serial_number for one in x509.load_pem_x509_crl(first)} == {255, 1}
    assert authority.revocation_list(ours, {"1", "ff"}, first, NOW + dt.timedelta(days=14)) == first
    for serials, at in (({"1"}, NOW), ({"1", "ff"}, NOW + dt.timedelta(days=16))):
        assert authority.revocation_list(ours, serials, first, at) != first
    stranger = authority.revocation_list(authority.make_authority("IOC", NOW), {"1"}, b"", NOW)
    assert authority.revocation_list(ours, {"1"}, stranger, NOW) != stranger


def test_a_key_is_never_in_a_representation(ours: Pair) -> None:
    assert "PRIVATE" not in repr(ours)
