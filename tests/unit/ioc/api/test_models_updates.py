"""What channels are answered has the words of the extension of Open311 that it follows."""

from ioc.api.models_updates import UpdateOf


def test_the_names_of_the_extension_are_there() -> None:
    names = ("update_id", "service_request_id", "status", "updated_datetime", "description")
    assert set(names) <= set(UpdateOf.__struct_fields__)
