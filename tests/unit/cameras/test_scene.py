"""Facts about the defaults of each kind of scene."""

from typing import get_args

from cameras.camera import SceneKind
from cameras.scene import MANNERS


def test_every_kind_of_scene_has_its_manner() -> None:
    """None is missing, none is unknown, and every number is a part of the picture."""
    assert set(MANNERS) == set(get_args(SceneKind))
    for manner in MANNERS.values():
        assert 0 < manner.smallest < manner.upheaval < 1
        assert all(0 < gap < 0.2 for gap in manner.join)
        assert 0 < manner.reach < 0.5
