"""What requests and answers about people look like."""

import msgspec
import pytest

from ioc.api.models_people import ROUTES, ChangePerson, MakePerson, Request, SignIn


def test_a_request_is_never_printed() -> None:
    assert "hunter2" not in repr(SignIn(user="lan", password="hunter2"))


def test_every_model_makes_a_schema() -> None:
    models = {model for _, _, _, takes, gives in ROUTES for model in (takes, gives) if model is not None}
    _, parts = msgspec.json.schema_components(models, ref_template="#/components/schemas/{name}")
    assert {"SignIn", "PersonOf", "NewToken"} <= set(parts)
    requests = [takes for _, _, _, takes, _ in ROUTES if takes is not None]
    assert all(issubclass(one, Request) for one in requests)


@pytest.mark.parametrize("login", ["Lan", "", "lan ", "-lan", "lan\n", "l" * 64, "lan/x"])
def test_a_login_is_plain(login: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"login": login, "name": "x", "role": "viewer"}, MakePerson)


def test_what_is_left_out_stays() -> None:
    assert msgspec.json.decode(b"{}", type=ChangePerson).centre is msgspec.UNSET
    assert msgspec.json.decode(b'{"centre": null}', type=ChangePerson).centre is None
