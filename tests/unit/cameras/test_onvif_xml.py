"""Facts about reading the XML of cameras safely."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.onvif_xml import DEEPEST, MOST_ELEMENTS, SCHEMA, XmlError, as_json, fault_of, items, parse

BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
FILE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (BOMB, "document type"),
        (FILE, "document type"),
        (b"<!DOCTYPE html><a/>", "document type"),
        (b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1), "deeper than"),
        (b"<a>" + b"<b/>" * MOST_ELEMENTS + b"</a>", "more than"),
        (b"<a>" + b"x" * 300_000 + b"</a>", "at most"),
        (b"<a>&undefined;</a>", "no XML"),
        (b'<?xml version="1.0" encoding="nobody-knows"?><a/>', "no XML"),
        (b"<a><b></a>", "no XML"),
        (b"", "no XML"),
        (b"<a/><b/>", "no XML"),
    ],
)
def test_what_is_dangerous_or_broken_is_refused_with_a_reason(payload: bytes, words: str) -> None:
    with pytest.raises(XmlError, match=words):
        parse(payload)


@given(st.binary(max_size=300) | st.text("<>/&a:xmlns=' \"", max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    with contextlib.suppress(XmlError):
        assert parse(payload).name


def test_names_go_by_the_namespace_s_address_and_not_by_its_prefix() -> None:
    root = parse(b'<x:a xmlns:x="urn:one"><b xmlns="urn:two"/><y:b xmlns:y="urn:three"/><b/></x:a>')
    assert root.is_("a", "urn:one")
    assert not root.is_("a", "urn:two")
    assert [child.space for child in root.children] == ["urn:two", "urn:three", ""]
    assert len(list(root.every("b", "urn:two"))) == 2, "one without a namespace counts, a foreign one does not"


def test_what_was_cut_out_of_an_envelope_is_read_by_local_names() -> None:
    root = parse(b'<wsnt:A><tt:B Name="n"/></wsnt:A>')
    assert root.name == "A"
    assert root.children[0].attributes == {"Name": "n"}


def test_complex_items_come_out_as_onvif_s_json() -> None:
    text = f"""<Data xmlns="{SCHEMA}"><SimpleItem Name="ObjectId" Value="15"/><ElementItem Name="Segments">
        <Polyline><Point x="0.10" y="0.50"/><Point x="1.0" y="0.50"/></Polyline></ElementItem></Data>"""
    assert items(parse(text.encode())) == {
        "ObjectId": "15",
        "Segments": {"Polyline": {"Point": [{"@x": "0.10", "@y": "0.50"}, {"@x": "1.0", "@y": "0.50"}]}},
    }
    assert as_json(parse(b'<Type Likelihood="0.9">Vehicle</Type>')) == {"@Likelihood": "0.9", "#text": "Vehicle"}
    assert as_json(parse(b"<a/>")) is None


@pytest.mark.parametrize(
    "fault",
    [
        (
            '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:Sender'
            "</e:Value><e:Subcode><e:Value>ter:NotAuthorized</e:Value></e:Subcode></e:Code><e:Reason>"
            "<e:Text>Sender not Authorized</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>"
        ),
        (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault><faultcode>ter:NotAuthorized'
            "</faultcode><faultstring>Sender not Authorized</faultstring></e:Fault></e:Body></e:Envelope>"
        ),
    ],
)
def test_a_fault_of_either_soap_is_told_in_a_sentence(fault: str) -> None:
    told = fault_of(parse(fault.encode()))
    assert "NotAuthorized" in told
    assert "Sender not Authorized" in told
    assert fault_of(parse(b"<a/>")) == ""
