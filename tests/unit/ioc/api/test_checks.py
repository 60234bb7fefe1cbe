"""What is refused before a handler sees it, and that no refusal repeats a value."""

import datetime as dt

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from ioc.api import checks
from ioc.api.limits import LONGEST_PATH, MOST_FIELDS
from ioc.api.models import SignIn, Step
from ioc.api.problems import ProblemError
from ioc.api.surface import Operation


def problem(body: bytes, model: type = SignIn) -> ProblemError:
    try:
        msgspec.json.decode(body, type=model)
    except msgspec.ValidationError as error:
        return checks.explained(error)
    raise AssertionError("it fits")


@pytest.mark.parametrize(
    ("body", "code", "name"),
    [
        (b"[]", "bad-json", None),
        (b'{"user": "a"}', "missing-member", "password"),
        (b'{"user": "a", "password": "b", "admin": true}', "unknown-member", "admin"),
        (b'{"user": 1, "password": "b"}', "bad-value", "user"),
        (b'{"user": "", "password": "b"}', "bad-value", "user"),
    ],
)
def test_a_body_that_does_not_fit_is_told_by_its_member(body: bytes, code: str, name: str | None) -> None:
    found = problem(body)
    assert (found.code, found.values.get("name")) == (code, name)


@pytest.mark.parametrize(("body", "why"), [(b'{"photo": "<JPEG>"}', "base64"), (b'{"at": "yesterday"}', "RFC3339")])
def test_what_is_not_written_in_its_form_is_told_which(body: bytes, why: str) -> None:
    class Told(msgspec.Struct):
        photo: bytes = b""
        at: dt.datetime | None = None

    assert problem(body, Told).values["why"] == why


@given(st.text(min_size=5).filter(lambda text: text.strip("`") and text not in "password user"))
def test_no_problem_repeats_a_value(secret: str) -> None:
    """A password in the wrong place must not come back."""
    found = problem(msgspec.json.encode({"expected_version": secret}), Step)
    assert found.code == "bad-value"
    assert found.values == {"name": "expected_version", "why": "int"}


def request(path: str = "/", headers: CIMultiDict[str] | None = None) -> web.Request:
    return make_mocked_request("GET", path, headers=headers)


def test_paths_of_ours_pass() -> None:
    checks.head(request("/ogc/collections/areas/items/502@2024-09-01"))
    checks.head(request("/ogc/collections/areas/items/%C4%90%C3%A0"))


@pytest.mark.parametrize("path", ["/a%00b", "/a%0Ab", "/" + "a" * LONGEST_PATH, "/%7F"])
def test_odd_paths_are_not_found(path: str) -> None:
    with pytest.raises(ProblemError) as error:
        checks.head(request(path))
    assert error.value.code == "not-found"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (CIMultiDict((f"X-{number}", "1") for number in range(MOST_FIELDS + 1)), "headers-too-large"),
        (CIMultiDict((f"X-{number}", "1" * 8_000) for number in range(3)), "headers-too-large"),
        (CIMultiDict({"Content-Length": "10000000"}), "too-large"),
    ],
)
def test_too_much_is_refused(headers: CIMultiDict[str], code: str) -> None:
    with pytest.raises(ProblemError) as error:
        checks.head(request(headers=headers))
    assert error.value.code == code


@pytest.mark.parametrize(
    "value",
    ["a\0b", ["a", ("\0",)], {"a": {"\0": 1}}, SignIn(user="a", password="\0"), dt.datetime(9999, 1, 1, tzinfo=dt.UTC)],
)
def test_what_cannot_be_kept_is_found_however_deep_it_lies(value: object) -> None:
    with pytest.raises(ProblemError) as error:
        checks.keepable(value)
    assert error.value.code == "bad-value"


def test_what_can_be_kept_passes() -> None:
    checks.keepable({"a": ["b", 1, None, b"\0", dt.datetime(2025, 10, 29, tzinfo=dt.UTC)], "c": 1.5})


def test_a_collection_s_parameters_are_without_the_properties_of_others() -> None:
    known = Operation(method="GET", path="/", vi="", en="", query={"limit": int, "severity": str, "fov": float})
    asked = make_mocked_request("GET", "/", match_info={"collection": "incidents"})
    assert checks.parameters(asked, known) == {"limit", "severity"}
    assert checks.parameters(make_mocked_request("GET", "/"), known) == {"limit", "severity", "fov"}
