"""Templates of gateways: values stay values, whatever signs they hold; a template that cannot be used is refused."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ioc.tell.template import Good, Template, TemplateError, check, expanded, member, values_of

SECRET = "k3y-of-the-gateway"
NASTY = st.text(st.characters(), max_size=80) | st.text(
    st.sampled_from(list("\"'\\{}&=+%#?/;,:<>\r\n\t\0 ạ🌊\u2028\ud800ab")), max_size=80
)


def json_template(**changed: Any) -> Template:
    plain: dict[str, Any] = {
        "url": "https://sms.test/v1/send?key={secret}&to={phone}",
        "headers": {"Authorization": "Bearer {secret}", "X-Ref": "{id}"},
        "body": {
            "to": "{phone_plain}",
            "text": "IOC: {text}!",
            "n": 1,
            "more": [{"ref": "{id}", "back": "{receipt_url}"}],
        },
    }
    return Template(**plain | changed)


def values(text: str = "xin chào", id: str = "m1", secret: str = SECRET) -> dict[str, str]:  # noqa: A002
    return values_of("+84901234567", text, id, "https://ioc.test/r/1", secret)


def test_each_place_is_filled_in_as_it_is_written() -> None:
    asked = expanded(json_template(), values())
    assert asked.url == "https://sms.test/v1/send?key=k3y-of-the-gateway&to=%2B84901234567"
    assert asked.headers == {
        "Authorization": f"Bearer {SECRET}", "X-Ref": "m1", "Content-Type": "application/json",
    }  # fmt: skip
    assert json.loads(asked.body or b"") == {
        "to": "84901234567", "text": "IOC: xin chào!", "n": 1, "more": [{"ref": "m1", "back": "https://ioc.test/r/1"}],
    }  # fmt: skip


def test_numbers_are_written_in_three_ways() -> None:
    known = values_of("+84901234567", "", "", "", "")
    assert (known["phone"], known["phone_plain"], known["phone_local"]) == ("+84901234567", "84901234567", "0901234567")
    assert values_of("+8562012345678", "", "", "", "")["phone_local"] == "+8562012345678"


@pytest.mark.parametrize(
    "phone", ["", "0901234567", "+84", "+84 901 234 567", "+8490123456789012", "+84901234567\n", "x"]
)
def test_a_number_that_is_none_is_refused(phone: str) -> None:
    with pytest.raises(TemplateError, match=r"\+84901234567"):
        values_of(phone, "", "", "", "")


@given(NASTY)
@example('","to":"84999')
@example("{secret}{phone}")
def test_no_text_gets_out_of_a_json_string(text: str) -> None:
    found = json.loads(expanded(json_template(), values(text)).body or b"")
    said = text.encode("utf-8", "replace").decode()
    assert found == {
        "to": "84901234567", "text": f"IOC: {said}!", "n": 1, "more": [{"ref": "m1", "back": "https://ioc.test/r/1"}],
    }  # fmt: skip


@given(NASTY)
@example("&to=84999")
@example("x\r\n\r\nGET / HTTP/1.1")
def test_no_text_gets_out_of_a_form(text: str) -> None:
    asked = expanded(json_template(format="form", body={"to": "{phone}", "text": "{text}"}), values(text))
    body = (asked.body or b"").decode("ascii")
    assert re.fullmatch(r"[A-Za-z0-9%&=+_.~*-]*", body)
    told = dict(parse_qsl(body, keep_blank_values=True))
    assert told == {"to": "+84901234567", "text": text.encode("utf-8", "replace").decode()}


@given(NASTY)
@example("&to=84999#")
def test_no_text_gets_out_of_a_query(text: str) -> None:
    asked = expanded(Template(method="GET", url="https://sms.test/{phone}/s?t={text}&z=1", format="none"), values(text))
    parts = urlsplit(asked.url)
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "sms.test", "/%2B84901234567/s", "")
    assert parse_qsl(parts.query, keep_blank_values=True) == [
        ("t", text.encode("utf-8", "replace").decode()),
        ("z", "1"),
    ]
    assert asked.url.isascii()
    assert asked.body is None


@given(NASTY)
def test_a_header_takes_no_value_that_could_end_it(value: str) -> None:
    plain = value == "" or re.fullmatch(r"[!-~]([ -~]*[!-~])?", value)
    if plain:
        assert expanded(json_template(), values(id=value)).headers["X-Ref"] == value
        return
    with pytest.raises(TemplateError, match="no header may have") as refusal:
        expanded(json_template(), values(id=value))
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_path_leads_nowhere_else(value: str) -> None:
    with pytest.raises(TemplateError, match="step of the path"):
        expanded(json_template(url="https://sms.test/{id}/send", headers={}), values(id=value))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"url": "ftp://sms.test/"}, "begins with https"), ({"url": "https://"}, "begins with https"),
        ({"url": "https://u:p@sms.test/"}, "without an account"),
        ({"url": "https://{id}.test/"}, "host of url is fixed"),
        ({"url": "https://sms.test/{text}"}, "may not hold"), ({"url": "https://sms.test/?x={name}"}, "may not hold"),
        ({"url": "https://sms.test/#x"}, "fragment"), ({"url": "https://sms.test/a b"}, "spaces"),
        ({"url": "https://sms.test/đ"}, "accents"), ({"url": "https://[sms.test/"}, "no address"),
        ({"headers": {"X": "{text}"}}, "may not hold"), ({"headers": {"X": "a\r\nb"}}, "no header may have"),
        ({"headers": {"X y": "a"}}, "cannot be set"), ({"headers": {"Host": "a"}}, "cannot be set"),
        ({"headers": {"X-Api-Key": "abc"}}, "write {secret} there"),
        ({"headers": {"Authorization": "Basic YTpi"}}, "write {secret} there"),
        ({"headers": {"content-length": "1"}}, "cannot be set"), ({"body": {"x": "{nothing}"}}, "may not hold"),
        ({"body": [["{nothing}"]]}, "may not hold"), ({"format": "form", "body": {"x": 1}}, "all texts"),
        ({"format": "form", "body": "x"}, "all texts"), ({"format": "none"}, "has no body"),
        ({"method": "GET"}, "GET has no body"),
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_used_is_refused(changed: dict[str, Any], why: str) -> None:
    check(json_template())
    with pytest.raises(TemplateError, match=why):
        check(json_template(**changed))


def test_a_tree_that_is_too_deep_is_refused() -> None:
    tree: Any = "x"
    for _ in range(12):
        tree = [tree]
    with pytest.raises(TemplateError, match="deeper"):
        check(json_template(body=tree))


def test_a_template_is_read_from_json_and_back() -> None:
    made = json_template(good=Good(member="code", equals=("100",), again=("99",)))
    assert msgspec.convert(msgspec.to_builtins(made), Template) == made
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"url": "https://x.test/", "metod": "GET"}, Template)


@pytest.mark.parametrize(
    ("answer", "path", "found"),
    [
        (b'{"code": "100"}', "code", "100"), (b'{"a": {"b": [1, {"c": true}]}}', "a.b.1.c", "true"), (b"[0]", "0", "0"),
        (b'{"code": 100}', "code", "100"), (b"{}", "code", None), (b"no", "code", None), (b"\xff", "code", None),
        (b'{"a": {}}', "a", None), (b"[" * 5000, "0", None), (b'{"a": 1.5}', "a", "1.5"), (b'{"a": null}', "a", "null"),
    ],
)  # fmt: skip
def test_a_member_of_an_answer_is_found(answer: bytes, path: str, found: str | None) -> None:
    assert member(answer, path) == found
