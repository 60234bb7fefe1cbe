"""What can go wrong before the centre runs, told in one sentence that says what to do."""

import errno


class SetupError(Exception):
    """The centre cannot start. `sentence` is one clear sentence for the person at the terminal."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def disk_full(place: object) -> SetupError:
    """The error of a file system without room."""
    return SetupError(f"The disk that holds {place} is full: free at least 1 GB there and start again.")


def from_os(error: OSError, place: object) -> SetupError:
    """The operating system's refusal to let us write at `place`, as a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(place)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return SetupError(f"{place} is closed to this user: choose another IOC_STATE_DIR, or start as its owner.")
    return SetupError(f"{place} cannot be used ({error.strerror}): choose another IOC_STATE_DIR.")
