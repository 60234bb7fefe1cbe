"""Asking a camera one thing; the ways to prove who asks are tried by test_pullpoint.py and test_onvif_interview.py."""

import datetime as dt
import os

import pytest

from cameras.onvif_xml import XmlError
from cameras.soap import Account
from cameras.soap_caller import AHEAD_MOST, DEVICE, SoapCaller, SoapError, ours
from ioc.outbound import Allowed, Outbound
from tests.fakes.soap_camera import PASSWORD, USER, soap_camera

BODY = f'<GetSystemDateAndTime xmlns="{DEVICE}"/>'


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.mark.parametrize(
    ("whole", "code"),
    [
        (b"<GetSystemDateAndTimeResponse/>", ""),
        (b"<Body><GetSystemDateAndTimeResponse/></Body>", ""),
        (b"<s:Envelope xmlns:s='urn:own'><s:Header/><s:Body><a:XResponse xmlns:a='urn:a'/></s:Body></s:Envelope>", ""),
        (b"<html><body><p>Welcome</p></body></html>", "not_onvif"),
        (b"<Body/>", "not_onvif"),
        (b"not XML", "xml"),
        (b"<!DOCTYPE x><Body><XResponse/></Body>", "xml"),
        (b"<Envelope><Body><Fault><Reason><Text>No</Text></Reason></Fault></Body></Envelope>", "fault"),
        (b"<Envelope><Body><Fault><faultstring>Sender Not Authorized</faultstring></Fault></Body></Envelope>",
         "unauthorised"),
    ],
)  # fmt: skip
async def test_answers_are_read_with_and_without_their_envelope(whole: bytes, code: str) -> None:
    async with soap_camera(whole={"GetSystemDateAndTime": whole}) as camera, Outbound.open(HERE) as post:
        caller = SoapCaller(Account(USER, PASSWORD), post, now=now, nonce=os.urandom)
        told = ""
        try:
            await caller.ask(camera.url, BODY, "a", within_s=2.0, proof=False)
        except SoapError as error:
            told = error.code
        except XmlError:
            told = "xml"
        assert told == code
        assert (caller.requests, caller.proofs) == (1, 0)


HERE = Allowed.parse("127.0.0.1/32")


def test_a_clock_that_is_years_off_is_not_believed_for_good() -> None:
    async def post(*_: object, **__: object) -> None:
        return None

    caller = SoapCaller(None, post, now=lambda: NOW, nonce=os.urandom)  # type: ignore[arg-type]
    caller.heard(NOW + dt.timedelta(minutes=5))
    assert caller.ahead == dt.timedelta(minutes=5)
    for told in (None, NOW - AHEAD_MOST):
        caller.heard(told)
    assert caller.ahead == dt.timedelta(minutes=5)


NOW = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("http://10.1.1.1/onvif/media?x=1", "http://192.0.2.7:8080/onvif/media?x=1"),
        ("http://192.0.2.7:81/onvif/media", "http://192.0.2.7:81/onvif/media"),
        ("http://[bad/onvif", "http://192.0.2.7:8080/onvif/device_service"),
        ("file:///etc/passwd", "http://192.0.2.7:8080/etc/passwd"),
    ],
)
def test_what_a_camera_names_is_looked_for_on_the_host_that_we_know(told: str, address: str) -> None:
    assert ours(told, "http://192.0.2.7:8080/onvif/device_service") == address
