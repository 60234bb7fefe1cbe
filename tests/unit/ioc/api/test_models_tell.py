"""What the routes about telling people take."""

import msgspec
import pytest

from ioc.api.models_tell import NewContacts, Read, Receipt, of


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (Read, b'{"through": "x"}'),
        (Read, b'{"ids": ["-1"]}'),
        (Read, b'{"all": true}'),
        (NewContacts, b'{"expected_version": 0, "channels": [{"channel": "fax"}]}'),
        (NewContacts, b'{"expected_version": 0, "channels": [{"channel": "mail", "to": "x"}]}'),
        (NewContacts, b'{"channels": []}'),
        (Receipt, b'{"status": "lost"}'),
    ],
)
def test_what_does_not_fit_is_refused(model: type, body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=model)


def test_a_gateway_may_say_more_than_is_asked() -> None:
    assert msgspec.json.decode(b'{"status": "read", "smsid": 7}', type=Receipt).status == "read"


def test_an_answer_takes_the_members_of_its_names() -> None:
    assert of(Read, Read(through="1", ids=["2"]), ids=[]) == Read(through="1")
