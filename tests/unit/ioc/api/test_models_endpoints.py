"""What the routes about endpoints and web push take and answer."""

import msgspec
import pytest

from ioc.api.models_endpoints import EndpointOf, PutEndpoint, Subscribe, TriedEndpoint
from ioc.tell.endpoint import Endpoint


def test_no_answer_has_a_secret() -> None:
    assert not {"secret", "old_secret"} & set(EndpointOf.__struct_fields__)
    assert set(Endpoint.__struct_fields__) - set(EndpointOf.__struct_fields__) == {"secret", "old_secret", "old_until"}
    assert not {"secret"} & set(TriedEndpoint.__struct_fields__)


def test_a_secret_that_is_not_given_is_left_as_it_is() -> None:
    made = msgspec.json.decode('{"kind": "mail", "name": "n"}', type=PutEndpoint)
    assert (made.secret, made.expected_version, made.enabled) == (None, 0, True)


@pytest.mark.parametrize(
    "body",
    [
        '{"kind": "sms", "name": "n"}', '{"kind": "mail", "name": ""}', '{"kind": "mail", "name": "n", "x": 1}',
        '{"kind": "gateway", "name": "n", "template": {"url": "https://x.test/", "segments": 0}}',
        '{"kind": "gateway", "name": "n", "template": {"url": "https://x.test/", "bdy": {}}}',
    ],
)  # fmt: skip
def test_what_is_no_endpoint_is_refused(body: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=PutEndpoint)


def test_a_browser_s_own_words_are_taken() -> None:
    said = '{"endpoint": "https://p.test/1", "expirationTime": null, "keys": {"p256dh": "a", "auth": "b"}}'
    assert msgspec.json.decode(said, type=Subscribe).keys.p256dh == "a"
