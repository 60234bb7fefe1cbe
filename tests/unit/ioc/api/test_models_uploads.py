"""What is told of an upload."""

import msgspec

from ioc.api.models_uploads import Upload
from tests.fakes.things import NOW


def test_it_says_how_far_it_is_and_nothing_of_whose_it_is() -> None:
    told = msgspec.to_builtins(
        Upload(id="x", size=9, offset=3, whole=False, refused="", taken=False, expires_at=NOW), str_keys=True
    )
    assert (told["offset"], told["size"]) == (3, 9)
    assert "login" not in told
