"""Shipped data: administrative areas, centres, base map, device profiles, retention classes and rule packs.

Every function reads the files of this package when it is called; nothing is read at import.
"""

from ioc.data.catalogue import (
    basins,
    categories,
    checklists,
    media_retention,
    profiles,
    register,
    retention,
    rule_packs,
    tickets,
    told,
)
from ioc.data.places import Centre, CentreMap, areas, basemap, centre_map, centres

__all__ = [
    "Centre",
    "CentreMap",
    "areas",
    "basemap",
    "basins",
    "categories",
    "centre_map",
    "centres",
    "checklists",
    "media_retention",
    "profiles",
    "register",
    "retention",
    "rule_packs",
    "tickets",
    "told",
]
