"""QGIS reads the collections of a server. A program for the system's own Python, where QGIS' bindings are installed.

One line of JSON on standard input: {"url", "token", "folder", "collections", "tiles"}. QGIS signs in by HTTP Basic, as
its 3.22 can send nothing else. It answers one line of JSON: of each collection how many features it read in pages of
seven, how many in a box, and how many by a filter of its own; and how many pixels of the tiles' layer are drawn.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SYSTEM_PYTHON = "/usr/bin/python3"
BOX = (108.0, 15.0, 108.0095, 16.0)
"""West, south, east, north in degrees."""


def can_read() -> bool:
    """Whether QGIS is installed for the system's Python."""
    probe = [SYSTEM_PYTHON, "-c", "import qgis.core"]
    return Path(SYSTEM_PYTHON).exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0


def sign_in(core: Any, token: str) -> str:
    """The code of a kept name and password."""
    keeper, about = core.QgsApplication.authManager(), core.QgsAuthMethodConfig()
    keeper.setMasterPassword("of this run alone", True)
    about.setName("ioc")
    about.setMethod("Basic")
    about.setConfig("username", "qgis")
    about.setConfig("password", token)
    keeper.storeAuthenticationConfig(about)
    return str(about.id())


def read(core: Any, url: str, name: str, code: str) -> dict[str, Any]:
    """What QGIS makes of a collection."""
    layer = core.QgsVectorLayer(f"url='{url}' typename='{name}' authcfg='{code}' pageSize='7'", name, "OAPIF")
    if not layer.isValid():
        return {"valid": False}
    box = core.QgsFeatureRequest(core.QgsRectangle(*BOX))
    worst = core.QgsFeatureRequest(core.QgsExpression("\"severity\" = 'extreme'"))
    first = next(layer.getFeatures(), None)
    return {
        "valid": True,
        "features": len(list(layer.getFeatures())),
        "in_box": len(list(layer.getFeatures(box))),
        "extreme": len(list(layer.getFeatures(worst))) if "severity" in layer.fields().names() else 0,
        "types": {one.name(): one.typeName() for one in layer.fields()},
        "first": first.geometry().asWkt(4) if first is not None else "",
    }


def drawn(core: Any, gui: Any, size: Any, url: str, name: str, code: str) -> int:
    """Pixels of a picture of the tiles of the box that are not white."""
    tile = "%7Bz%7D/%7By%7D/%7Bx%7D"
    source = f"type=xyz&url={url}/collections/{name}/tiles/WebMercatorQuad/{tile}&authcfg={code}&zmin=0&zmax=15"
    settings = core.QgsMapSettings()
    settings.setLayers([layer := core.QgsVectorTileLayer(source, name)])
    settings.setOutputSize(size(400, 400))
    ours, theirs = (core.QgsCoordinateReferenceSystem(f"EPSG:{number}") for number in (4326, 3857))
    settings.setDestinationCrs(theirs)
    turned = core.QgsCoordinateTransform(ours, theirs, core.QgsProject.instance())
    settings.setExtent(turned.transformBoundingBox(core.QgsRectangle(107.99, 15.59, 108.02, 15.62)))
    job = core.QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage().convertToFormat(gui.QImage.Format_Grayscale8)
    del layer
    return sum(picture.pixelColor(x, y).value() < 250 for x in range(400) for y in range(400))


def main(asked: dict[str, Any]) -> None:
    """Read all that is asked for, and end at once: QGIS' own way out ends in a crash where there is no screen."""
    os.environ |= {"QT_QPA_PLATFORM": "offscreen", "QGIS_AUTH_DB_DIR_PATH": asked["folder"], "HOME": asked["folder"]}
    from qgis import core
    from qgis.PyQt import QtGui
    from qgis.PyQt.QtCore import QSize

    program = core.QgsApplication([], False)
    program.initQgis()
    code = sign_in(core, asked["token"])
    found = {name: read(core, asked["url"], name, code) for name in asked["collections"]}
    pixels = drawn(core, QtGui, QSize, asked["url"], asked["tiles"], code)
    sys.stdout.write(json.dumps({"collections": found, "pixels": pixels}) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(json.loads(sys.stdin.readline()))
