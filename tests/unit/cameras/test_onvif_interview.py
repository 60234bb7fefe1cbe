"""An ONVIF camera is asked step by step; a real HTTP server answers. What a whole probe does is in test_probing.py."""

import datetime as dt
import os
from collections.abc import Mapping

import pytest

from cameras.failure import UnansweredError
from cameras.onvif_interview import Interview, snapshot_body, stream_body
from cameras.onvif_probe import MEDIA, MEDIA2
from cameras.onvif_xml import parse
from cameras.soap import Account
from cameras.soap_caller import Answer, SoapCaller
from ioc.outbound import Allowed, Outbound
from tests.fakes.soap_camera import PASSWORD, USER, SoapCamera, soap_camera


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


async def asked(camera: SoapCamera, password: str = PASSWORD) -> Interview:
    async with Outbound.open(Allowed.parse("127.0.0.1/32")) as post:
        soap = SoapCaller(Account(USER, password), post, now=now, nonce=os.urandom)
        one = Interview(camera.url, soap, now, answer_s=2.0)
        await one.run()
        return one


def failures(one: Interview) -> dict[str, str]:
    return {step.step: step.failure for step in one.steps if not step.ok}


NEW = (
    '<m:GetServicesResponse xmlns:m="urn:whatever"><m:Service>'
    "<m:Namespace>http://www.onvif.org/ver20/media/wsdl</m:Namespace><m:XAddr>http://10.1.1.1/onvif/media2</m:XAddr>"
    "</m:Service></m:GetServicesResponse>"
)
PROFILES = (
    '<m:GetProfilesResponse xmlns:m="urn:whatever"><m:Profiles token="p&quot;1"><m:Name>One</m:Name></m:Profiles>'
    "</m:GetProfilesResponse>"
)


async def test_a_camera_of_the_new_media_service_alone_with_namespaces_of_its_own() -> None:
    recorded = {
        "GetDeviceInformation": "<GetDeviceInformationResponse><Model>M</Model></GetDeviceInformationResponse>",
        "GetServices": NEW, "GetProfiles": PROFILES,
        "GetStreamUri": "<GetStreamUriResponse><Uri>rtsp://10.1.1.1/s</Uri></GetStreamUriResponse>",
    }  # fmt: skip
    async with soap_camera(recorded=recorded) as camera:
        one = await asked(camera)
    assert one.answered
    assert not one.refused
    assert [(stream.profile.name, stream.stream) for stream in one.streams] == [("One", "rtsp://10.1.1.1/s")]
    assert failures(one) == {"snapshots": "not_offered", "position": "not_offered", "events": "not_offered"}


async def test_a_camera_that_offers_nothing_but_its_name_is_one_nevertheless() -> None:
    recorded = {"GetDeviceInformation": "<x><y/></x>", "GetCapabilities": "<GetCapabilitiesResponse/>"}
    async with soap_camera(demands="none", recorded=recorded) as camera:
        one = await asked(camera)
    assert one.answered
    assert failures(one) == {"identity": "not_onvif"}
    recorded["GetDeviceInformation"] = "<GetDeviceInformationResponse/>"
    async with soap_camera(demands="none", recorded=recorded) as camera:
        one = await asked(camera)
    assert failures(one) == {
        "services": "not_offered", "profiles": "fault", "events": "not_offered", "position": "not_offered",
    }  # fmt: skip


async def test_a_refused_account_is_not_shown_again() -> None:
    async with soap_camera() as camera:
        one = await asked(camera, "wrong")
        assert camera.proofs == {"good": 0, "bad": 1}
    assert one.refused
    assert failures(one) == {"identity": "unauthorised"}


@pytest.mark.parametrize("years", [-56, -3, 9])
async def test_a_clock_that_is_years_off_spoils_no_proof(years: int) -> None:
    ahead = dt.timedelta(days=365 * years)
    recorded = {"GetDeviceInformation": "<GetDeviceInformationResponse/>"}
    async with soap_camera(ahead=ahead, recorded=recorded) as camera:
        one = await asked(camera)
        assert camera.proofs["bad"] == 0
    assert one.skew_s == pytest.approx(ahead.total_seconds(), abs=3)
    assert failures(one)["clock"] == "wrong_clock"


async def test_a_camera_that_tells_no_time_is_asked_on() -> None:
    recorded = {"GetSystemDateAndTime": "<GetSystemDateAndTimeResponse/>", "GetDeviceInformation": "<AResponse/>"}
    async with soap_camera(recorded=recorded) as camera:
        one = await asked(camera)
    assert (failures(one)["clock"], one.skew_s, one.information.maker) == ("no_clock", None, "")


async def test_nobody_who_answers_is_asked_no_more() -> None:
    tried = []

    async def post(
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None,
        body: bytes | None,
        most_bytes: int,
        within_s: float,
    ) -> Answer:
        tried.append(url)
        raise UnansweredError("refused")

    soap = SoapCaller(None, post, now=now, nonce=os.urandom)
    one = Interview("http://10.9.9.9/", soap, now)
    await one.run()
    assert (failures(one), len(tried), one.answered) == ({"clock": "refused"}, 1, False)


@pytest.mark.parametrize("space", [MEDIA, MEDIA2])
def test_a_profile_s_name_cannot_break_out_of_a_question(space: str) -> None:
    for made in (stream_body(space, 'a</x>&"'), snapshot_body(space, 'a</x>&"')):
        token = next(parse(made.encode()).every("ProfileToken", space))
        assert token.text == 'a</x>&"'
