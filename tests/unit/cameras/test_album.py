"""Facts about the picture from before."""

from cameras.album import EVERY_S, Album


def test_the_picture_from_before_is_at_least_ten_seconds_older_than_the_newest_kept() -> None:
    """Of something that grows over the lens the newest picture shows a part already."""
    album = Album()
    assert album.before is None
    for second in range(60):
        album.keep(b"%d" % second, float(second))
    assert album.before is not None
    assert EVERY_S <= 59 - int(album.before) <= 2 * EVERY_S
