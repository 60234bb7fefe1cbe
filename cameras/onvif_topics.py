"""What an ONVIF topic means, of whichever maker: which kind of sighting, or which state of the camera.

Topics are compared without namespace prefixes and without regard to case: `tns1:RuleEngine/LineDetector/Crossed`
(ONVIF Analytics Service), `tnsaxis:CameraApplicationPlatform/VMD/Camera1Profile1` (Axis), `IVA/IdleObject/…` (Bosch),
`RuleEngine/MyRuleDetector/PeopleDetect` (Reolink, Dahua), `VideoAnalytics/tnssamsung:MotionDetection` (Hanwha). The
tables are read from the top, and the first that fits counts.
"""

import re
from typing import Any, Literal

import msgspec

Style = Literal["lasts", "moment", "state", "counts", "nothing"]
"""What a topic tells: a thing that goes on until it says otherwise; one that is over at once; how the camera is; a
number; nothing that is kept."""


class Meaning(msgspec.Struct, frozen=True):
    """`word` is the kind of a sighting, the state of a camera, or why nothing is kept. `about` is the class of things
    that the topic itself names, empty when it names none."""

    style: Style
    word: str
    about: str = ""


_NOT_KEPT = (
    (r"recognition/|faceretrieval|facesearch|licenseplate|platerecognition|anpr", "personal"),
    (r"ptzcontroller|/ptz|^ptz", "moves"),
    (r"xinternal", "housekeeping"),
    (r"daynight|lightcontrol|/light/|irillumin|lightstatus|whitelight", "light"),
    (r"trigger/relay|relayoutput|io/virtualport|io/outputport|manualtrigger|virtualinput", "outputs"),
    ((r"^(recording|recordingconfig|recordinghistory|storage|media|mediacontrol|configuration|monitoring|"
     r"devicemgmt|userauthentication|networkstatus|schedule|eventlogger|system|advancedsecurity|appmgmt)(/|$)"),
     "housekeeping"),
    ((r"hardwarefailure|storagefailure|casing|systemready|networklost|networkadd|ipaddress|heartbeat|"
     r"livestreamaccessible|ringpowerlimit|temperature/|processorusage|operationmode"), "housekeeping"),
)  # fmt: skip

_STATES = (
    (r"signalloss|videoloss|videolost|videosourcelost|videosignal", "silent"),
    (r"globalscenechange|scenechange|viewmoved|cameramoved|camerashift", "moved"),
    (r"toodark|imagedark", "dark"),
    (r"toobright|imagebright|glare", "glare"),
    (r"tooblurry|imageblur|defocus|outoffocus|unfocus", "blurred"),
    (r"tamper|videoblind|coverdetect|shelter|hidealarm|lenscover|occlusion", "covered"),
)

_KINDS: tuple[tuple[str, Style, str], ...] = (
    (r"countaggregation/occupancycounter|occupancy", "counts", "occupancy"),
    (r"countaggregation/counter|counter(/|$)|peoplecount|objectcount|linecounting|/count", "counts", "object_count"),
    (r"wrongway|wrongdirection|retrograde|conversedirection|directiondetector", "moment", "wrong_way"),
    (r"linedetector|linecross|crossline|crossingline|linedetection|tripwire|crossed|fenceguard", "moment",
     "line_crossed"),
    (r"loiter|wander", "lasts", "loitering"),
    (r"regionentrance|enteringfield|enterfield|fieldentr|objectenter|areaentr", "moment", "zone_entered"),
    (r"regionexit|leavingfield|leavefield|fieldexit|objectleav|areaexit", "moment", "zone_left"),
    (r"abandon|leftobject|leftdetect|objectleft|unattended|unattendedbaggage", "lasts", "left_object"),
    (r"removed|missingobject|takenaway|takendetect|attendedbaggage", "lasts", "object_removed"),
    (r"idleobject|parkingdetect|illegalparking|stopped|stationary", "lasts", "stopped"),
    (r"crowd|gather|density|rioter", "lasts", "crowd"),
    (r"fielddetector|objectsinside|objectinside|objectinfield|intrusion|crossregion|inregion", "lasts",
     "zone_presence"),
    (r"objecttrack/aggregation", "lasts", "object_detected"),
    ((r"objectdetection|objectanalytics|myruledetector|peopledetector|smartevent|smartmotion|smartdetect|humanshape|"
     r"detector/(people|person|human|vehicle|pet|animal)|facedetect|humandetect|vehicledetect|peopledetect|objectdetector|objectindication|visitor|persondetect"),
     "lasts", "object_detected"),
    (r"motion|/vmd|vmd3|sensor/pir|/pir(/|$)", "lasts", "motion"),
    (r"digitalinput|io/port|inputport|alarmin(/|$)|alarmlocal|externalinput", "lasts", "digital_input"),
    (r"detectedsound|audiosource|audioanalytics|audiodetector|sounddetect|audio", "lasts", "sound"),
)  # fmt: skip

_ANALYTICS = re.compile(r"^(ruleengine|videoanalytics|cameraapplicationplatform|iva)(/|$)")

_ABOUT = (
    (r"people|person|human|visitor|face", "person"),
    (r"nonmotor|bicycle|twowheel", "two-wheeler"),
    (r"vehicle|/car|truck", "vehicle"),
    (r"dogcat|/pet|ispet|animal", "animal"),
)

_BY_DATA = (
    ("isinside", Meaning("lasts", "zone_presence")),
    ("istamper", Meaning("state", "covered")),
    ("islinecross", Meaning("moment", "line_crossed")),
    ("ispeople", Meaning("lasts", "object_detected", "person")),
    ("isvehicle", Meaning("lasts", "object_detected", "vehicle")),
    ("ispet", Meaning("lasts", "object_detected", "animal")),
    ("ismotion", Meaning("lasts", "motion")),
    ("classtypes", Meaning("lasts", "object_detected")),
    ("aggregationstart", Meaning("lasts", "object_detected")),
    ("since", Meaning("lasts", "loitering")),
    ("count", Meaning("counts", "object_count")),
    ("logicalstate", Meaning("lasts", "digital_input")),
    ("objectid", Meaning("moment", "line_crossed")),
)
"""What the items of a message's data say where no topic came with it; ONVIF's own names."""


def local_topic(topic: str) -> str:
    """A topic without prefixes and blanks: `tns1:Device/tnsaxis:IO/Port` -> `Device/IO/Port`."""
    parts = (part.strip().rpartition(":")[2] for part in topic.strip().split("/"))
    return "/".join(part for part in parts if part)[:300]


def meaning_of(topic: str, data: dict[str, Any]) -> Meaning:
    """What a message says, by its local topic, or by the names of its data when it came without one."""
    plain = topic.lower()
    if not plain:
        names = {name.lower() for name in data}
        return next((meaning for name, meaning in _BY_DATA if name in names), Meaning("nothing", "unknown"))
    for pattern, why in _NOT_KEPT:
        if re.search(pattern, plain):
            return Meaning("nothing", why)
    for pattern, state in _STATES:
        if re.search(pattern, plain):
            return Meaning("state", state)
    about = _about(plain, data)
    for pattern, style, kind in _KINDS:
        if re.search(pattern, plain):
            return Meaning(style, kind, about)
    if _ANALYTICS.match(plain):
        return Meaning("lasts", re.sub(r"[^a-z0-9]+", "_", plain.rpartition("/")[2]).strip("_")[:60] or "other", about)
    return Meaning("nothing", "unknown")


def _about(plain: str, data: dict[str, Any]) -> str:
    named = plain + "".join(f"/{name.lower()}" for name in data)
    return next((about for pattern, about in _ABOUT if re.search(pattern, named)), "")


TRUE = frozenset({"true", "1", "active", "on", "yes", "high", "closed", "start", "started", "in"})
FALSE = frozenset({"false", "0", "inactive", "off", "no", "low", "open", "end", "stop", "stopped", "out"})

_STATE_NAMES = ("state", "isinside", "ismotion", "istamper", "logicalstate", "active", "islinecross", "ispeople",
                "isvehicle", "ispet", "istpsmartevent", "motion", "triggered", "tampering", "value")  # fmt: skip

_NO_STATE = frozenset({"objectid", "count", "classtypes", "since", "aggregationstart", "confidence", "likelihood"})


def state_in(data: dict[str, Any]) -> bool | None:
    """Whether what the message tells of holds: the item that says so, None when none does."""
    plain = {
        name.lower(): str(value).strip().lower() for name, value in data.items() if isinstance(value, str | bool | int)
    }
    names = [name for name in _STATE_NAMES if name in plain] + [
        name for name in plain if name not in _STATE_NAMES and (name.startswith("is") or name.endswith("state"))
    ]
    rest = [name for name in plain if name not in names and name not in _NO_STATE]
    for name in (*names, *(name for name in rest if plain[name] in ("true", "false"))):
        if plain[name] in TRUE | FALSE:
            return plain[name] in TRUE
    return None
