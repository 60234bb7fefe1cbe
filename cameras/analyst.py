"""What one camera's pictures say: motion, tracks, then lines and zones. No I/O, no clock."""

from cameras.camera import Camera
from cameras.kinds import Kinds
from cameras.motion import Luma, Motion
from cameras.scene import MANNERS
from cameras.track import Tracker
from cameras.zones import Event, Watch


class Analyst:
    """The analysis of one camera, with the defaults of its kind of scene."""

    def __init__(self, camera: Camera) -> None:
        manner = MANNERS[camera.scene]
        self._motion = Motion(manner)
        self._tracker = Tracker(manner)
        self._watch = Watch(camera.lines, camera.zones, manner)
        self._kinds = Kinds(camera)

    def see(self, luma: Luma, at: float) -> list[Event]:
        """What happened in a luma plane of shape (height, width) seen at monotonic time `at` (s)."""
        tracks = self._tracker.follow(self._motion.blobs(luma, at), at)
        return self._kinds.look(luma, tracks, self._watch.look(tracks, at), at)
