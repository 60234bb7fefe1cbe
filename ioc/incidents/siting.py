"""Whether a rule is about a source, by where it stands and what it is called."""

from gis.ring import within
from ioc.incidents.alarm import Source
from ioc.incidents.rules import Rule


def is_about(rule: Rule, source: Source) -> bool:
    """Whether a source is among those that a rule names, in its areas and within its polygon, where it has any."""
    if rule.sources and source.code not in rule.sources:
        return False
    if rule.areas and not {source.area, source.area.partition("@")[0]} & set(rule.areas):
        return False
    return not rule.polygon or within(rule.polygon, source.position)
