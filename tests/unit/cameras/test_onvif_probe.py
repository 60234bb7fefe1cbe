"""What is read of cameras' answers, whatever their maker's namespaces and gaps; and of any XML at all."""

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras import onvif_probe
from cameras.onvif_probe import Information, Located, Profile, Services
from cameras.onvif_xml import Element, XmlError, parse

SERVICES = "".join(
    f"<Service><Namespace>{space}</Namespace><XAddr>http://h/{name}</XAddr></Service>"
    for space, name in (
        ("http://www.onvif.org/ver20/media/wsdl", "2"),
        ("http://www.onvif.org/ver10/media/wsdl", "1"),
        ("http://www.onvif.org/ver10/events/wsdl", "e"),
        ("urn:other", "o"),
    )
)


def xml(text: str) -> Element:
    return parse(f"<r>{text}</r>".encode())


def test_the_clock_is_read_and_nonsense_is_none() -> None:
    time = "<Time><Hour>{h}</Hour><Minute>2</Minute><Second>{s}</Second></Time>"
    date = "<Date><Year>{y}</Year><Month>5</Month><Day>9</Day></Date>"

    def told(**parts: object) -> dt.datetime | None:
        given = {"h": 1, "s": 3, "y": 2026} | parts
        return onvif_probe.clock(
            xml(f"<x:UTCDateTime xmlns:x='urn:any'>{(time + date).format(**given)}</x:UTCDateTime>")
        )

    assert told() == dt.datetime(2026, 5, 9, 1, 2, 3, tzinfo=dt.UTC)
    assert told(s=60) == dt.datetime(2026, 5, 9, 1, 2, 59, tzinfo=dt.UTC)
    for wrong in ({"h": 25}, {"y": 0}, {"y": "99999999999999999999"}, {"h": "x"}, {"h": ""}, {"s": "nan"}):
        assert told(**wrong) is None
    assert onvif_probe.clock(xml("<LocalDateTime/>")) is None


def test_who_it_is_with_what_it_leaves_out() -> None:
    root = xml("<Manufacturer> Maker\n &amp; Son </Manufacturer><Model/><SerialNumber>" + "9" * 500 + "</SerialNumber>")
    assert onvif_probe.information(root) == Information(maker="Maker & Son", serial="9" * onvif_probe.LONGEST)


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("<Capabilities><Media><XAddr>http://h/m</XAddr></Media><Events/></Capabilities>", Services(media="http://h/m")),
        ("<Capabilities><Extension><Media2><XAddr>http://h/2</XAddr></Media2></Extension></Capabilities>",
         Services(media2="http://h/2")),
        (SERVICES, Services(media="http://h/1", media2="http://h/2", events="http://h/e")),
        ("<Service><XAddr>http://h/1</XAddr></Service>", Services()),
        ("", Services()),
    ],
)  # fmt: skip
def test_where_its_services_are(text: str, services: Services) -> None:
    assert onvif_probe.services(xml(text)) == services


def test_profiles_of_both_media_services() -> None:
    old = (
        '<Profiles token="a"><Name>A</Name><VideoSourceConfiguration><Name>S</Name></VideoSourceConfiguration>'
        "<VideoEncoderConfiguration><Encoding>JPEG</Encoding><Resolution><Width>640</Width></Resolution>"
        "</VideoEncoderConfiguration></Profiles>"
    )
    new = (
        '<Profiles token="b"><Configurations><VideoEncoder><Encoding>H265</Encoding><Resolution><Width>3840</Width>'
        '<Height>2160</Height></Resolution><RateControl FrameRateLimit="12.5"/></VideoEncoder></Configurations>'
        "</Profiles>"
    )
    others = '<Profiles><Name>no token</Name></Profiles><Profiles token="m"><Metadata/></Profiles>' + old
    assert onvif_probe.profiles(xml(old + new + others)) == (
        Profile(token="a", name="A", codec="mjpeg", width=640),
        Profile(token="b", name="b", codec="hevc", width=3840, height=2160, fps=12.5),
    )
    many = "".join(f'<Profiles token="{number}"/>' for number in range(500))
    assert len(onvif_probe.profiles(xml(many))) == onvif_probe.MOST_PROFILES


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("<MediaUri><Uri> rtsp://h/a?b=1&amp;c=2 </Uri></MediaUri>", "rtsp://h/a?b=1&c=2"),
        ("<Uri>rtsp://h/a b</Uri>", ""),
        ("<Uri>rtsp://h/" + "a" * 2000 + "</Uri>", ""), ("<Uri/>", ""), ("", ""),
    ],
)  # fmt: skip
def test_an_address_that_it_names(text: str, uri: str) -> None:
    assert onvif_probe.uri(xml(text)) == uri


def test_topics_are_those_that_are_marked_or_have_a_message() -> None:
    root = xml(
        "<TopicSet xmlns:w='urn:w'><RuleEngine><Line w:topic='true'><MessageDescription><Source/></MessageDescription>"
        "</Line><Field><Inside topic='1'/></Field></RuleEngine><Old><MessageDescription/></Old><Empty/></TopicSet>"
    )
    assert onvif_probe.events(root) == ("Old", "RuleEngine/Field/Inside", "RuleEngine/Line")


@pytest.mark.parametrize(
    ("text", "located"),
    [
        ('<GeoLocation lon="108.3" lat="15.8" elevation="3"/>', Located(lon=108.3, lat=15.8)),
        ('<GeoLocation lon="108.3" lat="15.8"/><GeoOrientation yaw="370"/>',
         Located(lon=108.3, lat=15.8, bearing=10.0)),
        ("<GeoLocation><lon>1</lon><lat>2</lat></GeoLocation>", Located(lon=1.0, lat=2.0)),
        ('<GeoLocation lon="0" lat="0"/>', None), ('<GeoLocation lon="200" lat="15"/>', None),
        ('<GeoLocation lon="nan" lat="15"/>', None), ("<GeoLocation/>", None), ("", None),
    ],
)  # fmt: skip
def test_where_it_stands(text: str, located: Located | None) -> None:
    assert onvif_probe.located(xml(text)) == located


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("rtsp://u:hunter2@h/a", "rtsp://h/a"),
        ("rtsp://h/user=admin_password=zzz_channel=1", "rtsp://h/user=admin_password=***_channel=1"),
        ("http://h/snap?usr=a&pwd=zzz&x=1#f", "http://h/snap?usr=a&pwd=***&x=1"),
        ("rtsp://h/tunnel?p=0&line=1&token=main", "rtsp://h/tunnel?p=0&line=1&token=main"),
        ("rtsp://h/x?k=hunter2&l=hunter%32", "rtsp://h/x?k=***&l=hunter%32"),
    ],
)
def test_an_address_is_told_without_its_secret(address: str, told: str) -> None:
    assert onvif_probe.shown(address, "hunter2") == told


def test_a_password_is_hidden_however_it_is_written() -> None:
    assert onvif_probe.hidden("a p&w/1234 p%26w/1234 xp%26w%2F1234", "p&w/1234") == "a *** *** x***"
    assert onvif_probe.hidden("rtsp://h/p?k=p&l=pp_m=p", "p") == "rtsp://h/p?k=***&l=pp_m=***"
    assert onvif_probe.hidden("nothing", "") == "nothing"


WORDS = st.sampled_from(
    ["Profiles", "TopicSet", "GeoLocation", "UTCDateTime", "Year", "Uri", "XAddr", "Media", "Service", "RateControl",
     "VideoEncoder", "Resolution", "Width", "MessageDescription"]
)  # fmt: skip
TREES = st.recursive(
    st.builds(
        lambda name, text: f"<{name} token='t' lon='1' lat='x' topic='true'>{text}</{name}>",
        WORDS,
        st.text("0123x:/", max_size=9),
    ),
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>", WORDS, st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)


@given(TREES | st.binary(max_size=120).map(lambda one: one.decode("latin-1")))
def test_any_answer_is_read(text: str) -> None:
    with contextlib.suppress(XmlError):
        root = parse(f"<r>{text}</r>".encode(), 10_000)
        for read in (
            onvif_probe.clock, onvif_probe.information, onvif_probe.services, onvif_probe.profiles, onvif_probe.uri,
            onvif_probe.events, onvif_probe.located,
        ):  # fmt: skip
            read(root)
