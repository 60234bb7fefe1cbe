"""The life of a device or camera: draft, approved, active, suspended, retired; which step leads where.

Who may take a step: those whose role has `register` for the thing (ioc/access/rights.py), within their scope.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from ioc.registration.record import Lifecycle

Step = Literal["approve", "activate", "suspend", "resume", "retire"]

STEPS: tuple[Step, ...] = get_args(Step)
STATES: tuple[Lifecycle, ...] = get_args(Lifecycle)

LEADS: Mapping[Step, Mapping[Lifecycle, Lifecycle]] = {
    "approve": {"draft": "approved", "retired": "approved"},
    "activate": {"approved": "active"},
    "suspend": {"active": "suspended"},
    "resume": {"suspended": "active"},
    "retire": {state: "retired" for state in STATES if state != "retired"},
}
"""Step to where it leads from where. What was retired by mistake, or is put up again, is approved anew."""

SHOWN: tuple[Lifecycle, ...] = ("approved", "active", "suspended")
"""What maps and live walls show: nothing that is only drafted, and nothing that is gone."""

HIDDEN: tuple[Lifecycle, ...] = ("draft", "retired")


class WrongStepError(Exception):
    """A step does not lead anywhere from here; the text says which do."""

    def __init__(self, step: Step, state: Lifecycle) -> None:
        possible = ", ".join(steps_from(state))
        super().__init__(f"{step} is no step of what is {state}; from here lead {possible}")
        self.step = step
        self.state = state


def after(state: Lifecycle, step: Step) -> Lifecycle:
    """Where a step leads from a state. Raises WrongStepError."""
    found = LEADS[step].get(state)
    if found is None:
        raise WrongStepError(step, state)
    return found


def steps_from(state: Lifecycle) -> tuple[Step, ...]:
    """The steps that lead on from a state; there is always one."""
    return tuple(step for step in STEPS if state in LEADS[step])


def works(state: str) -> bool:
    """Whether messages of it are taken as readings, and its stream is watched."""
    return state == "active"


def signs_in(state: str) -> bool:
    """Whether it may have a key at the broker: a technician tries what is approved before it counts."""
    return state in ("approved", "active")
