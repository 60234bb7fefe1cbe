"""A vault of this test run alone, for tests that register a camera and do not care how its address is sealed."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from ioc.vault import Vault


@functools.cache
def vault() -> Vault:
    """The vault; its file goes with the process."""
    folder = tempfile.mkdtemp(prefix="ioc-vault-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Vault(Path(folder) / "keys.json")
