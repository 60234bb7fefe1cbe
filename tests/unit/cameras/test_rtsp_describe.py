"""Describing a stream: what is asked, and what is read of any answer."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.rtsp_describe import LARGEST_BODY, LARGEST_HEAD, Describe, RtspError, Video, bare, video_of
from cameras.soap import Account

URL = "rtsp://u:p%20w@10.20.0.7:554/live?x=1#f"
ACCOUNT = Account("u", "p w")
DIGEST = 'Digest realm="cam", nonce="n1", algorithm=MD5'


def talk(account: Account | None = ACCOUNT) -> Describe:
    return Describe(URL, account, lambda size: b"\x01" * size)


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    head = "\r\n".join((f"RTSP/1.0 {status}", "CSeq: 1", *headers, f"Content-Length: {len(body)}", "", ""))
    return head.encode() + body


def test_the_address_is_asked_for_without_its_account() -> None:
    said = talk().begin()
    assert said.startswith(b"DESCRIBE rtsp://10.20.0.7:554/live?x=1 RTSP/1.0\r\nCSeq: 1\r\n")
    assert b"p w" not in said
    assert bare(URL) == "rtsp://10.20.0.7:554/live?x=1"


def test_an_account_is_shown_once_and_by_digest_if_that_is_offered() -> None:
    one = talk()
    one.begin()
    challenges = answer("401 Unauthorized", 'WWW-Authenticate: Basic realm="cam"', f"WWW-Authenticate: {DIGEST}")
    said = one.feed(challenges).decode()
    assert "CSeq: 2" in said
    assert 'Digest username="u"' in said
    assert 'uri="rtsp://10.20.0.7:554/live?x=1"' in said
    assert "p w" not in said
    assert one.feed(challenges) == b""
    assert one.reply is not None
    assert one.reply.status == 401


def test_basic_is_used_where_nothing_else_is_offered() -> None:
    one = talk()
    one.begin()
    said = one.feed(answer("401 No", 'WWW-Authenticate: basic realm="x"'))
    assert b"Authorization: Basic " + base64.b64encode(b"u:p w") in said


@pytest.mark.parametrize("account", [None, ACCOUNT])
def test_without_an_account_or_a_challenge_a_refusal_is_a_refusal(account: Account | None) -> None:
    one = talk(account)
    one.begin()
    assert one.feed(answer("401 No", *([] if account else [f"WWW-Authenticate: {DIGEST}"]))) == b""
    assert one.reply is not None


def test_an_answer_may_come_in_pieces_and_behind_packets() -> None:
    one = talk()
    one.begin()
    whole = b"$\x00\x00\x03abc" + answer("200 OK", "Content-Type: application/sdp", body=b"v=0\r\n")
    for byte in whole:
        assert one.feed(bytes([byte])) == b""
    assert one.reply is not None
    assert (one.reply.status, one.reply.body) == (200, b"v=0\r\n")


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n", b"RTSP/1.0 OK\r\n\r\n",
        b"RTSP/1." + b"x" * LARGEST_HEAD * 2,
        f"RTSP/1.0 200 OK\r\nContent-Length: {LARGEST_BODY + 1}\r\n\r\n".encode(),
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", b"\x00" * 9,
    ],
)  # fmt: skip
def test_what_is_no_rtsp_or_too_much_is_refused(data: bytes) -> None:
    one = talk()
    one.begin()
    with pytest.raises(RtspError):
        one.feed(data)


@given(
    st.lists(st.binary(max_size=60), max_size=6),
    st.sampled_from([b"", b"RTSP/1.0 200 OK\r\n", b"$\x00\x00\x02", b"RTSP/1.0 401 \r\nWWW-Authenticate: "]),
)
def test_any_bytes_are_read_or_refused(pieces: list[bytes], begin: bytes) -> None:
    one = talk()
    one.begin()
    with contextlib.suppress(RtspError):
        for piece in (begin, *pieces):
            one.feed(piece)


@pytest.mark.parametrize(
    ("lines", "video"),
    [
        ("m=video 0 RTP/AVP 96|a=rtpmap:96 H264/90000|a=framerate:12.5", Video(codec="h264", fps=12.5)),
        ("m=audio 0 RTP/AVP 0|m=video 0 RTP/AVP 97|a=rtpmap:97 H265/90000|a=x-dimensions:1920,1080|m=video 0 x 26",
         Video(codec="hevc", width=1920, height=1080)),
        ("m=video 0 RTP/AVP 26|a=framesize:26 640-480|a=x-framerate: 5",
         Video(codec="mjpeg", width=640, height=480, fps=5)),
        ("m=video 0 RTP/AVP 96|a=cliprect:0,0,576,704", Video(codec="", width=704, height=576)),
        ("m=video", Video(codec="")),
        ("m=video 0 RTP/AVP 98|a=rtpmap:98 vnd.onvif.x-very-long-name-of-a-codec/1",
         Video(codec="vnd.onvif.x-very-lon")),
        ("m=audio 0 RTP/AVP 0", None),
        ("", None),
    ],
)  # fmt: skip
def test_what_a_description_says_of_the_video(lines: str, video: Video | None) -> None:
    assert video_of(lines.replace("|", "\r\n").encode()) == video


@given(st.binary(max_size=200) | st.text("m=video a=rtpmap:96/0H\n", max_size=80).map(str.encode))
def test_any_description_is_read(sdp: bytes) -> None:
    found = video_of(sdp)
    assert found is None or len(found.codec) <= 20
