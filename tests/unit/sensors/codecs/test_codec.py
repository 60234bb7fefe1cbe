"""What every codec answers with."""

from sensors.codecs.codec import LARGEST_PAYLOAD, Decoded, refused


def test_a_refused_message_has_no_readings_and_says_why() -> None:
    decoded = refused("not_json", "the payload is not JSON")
    assert decoded.readings == ()
    assert decoded.trouble is not None
    assert (decoded.trouble.code, decoded.trouble.reason) == ("not_json", "the payload is not JSON")


def test_an_empty_answer_is_no_trouble() -> None:
    assert Decoded().trouble is None


def test_a_payload_may_have_256_kib() -> None:
    assert LARGEST_PAYLOAD == 262_144
