"""Where cameras look: what ground one sees follows from where it stands and looks, and is never entered by hand."""

import msgspec

from cameras.place import field_of_view
from ioc.foreign import eye_of
from ioc.store.registry import CameraRow


def sited(row: CameraRow) -> CameraRow:
    """The camera with the ground that it sees."""
    return msgspec.structs.replace(row, view=tuple(field_of_view(eye_of(row)) or ()))
