"""The private PostgreSQL and broker that ./run starts, under one state dir and for this machine only."""

from ioc.embedded.children import Child, Children, Death, Manner
from ioc.embedded.errors import SetupError
from ioc.embedded.stack import Stack

__all__ = ["Child", "Children", "Death", "Manner", "SetupError", "Stack"]
