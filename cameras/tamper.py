"""Whether a camera still shows its view: covered, blurred, moved, too dark, glare, stuck. No I/O, no clock.

What changes slowly is followed and is no tampering: dusk, fog, a drifting exposure. What changes suddenly and
leaves the view recognisable is none either: a lamp, lightning, the infrared lamp at night. The rest has to
last before it is told, and the usual view has to be back for some seconds before it is over.
"""

from cameras.health import State
from cameras.likeness import FEW, Likeness, Look, Usual, looked
from cameras.motion import Luma
from cameras.stuck import Stuck

EVERY_S = 1.0
"""How often a picture is looked at, in seconds."""
SETTLE = 5
"""So many looks make a first usual view."""
PAUSE_S = 10.0
"""After a pause of so many seconds nothing of the looks before counts."""

HOLD_S: dict[State, float] = {
    State.DARK: 8.0,
    State.GLARE: 15.0,
    State.BLURRED: 12.0,
    State.MOVED: 8.0,
    State.COVERED: 30.0,
}
"""How long a kind must last before it is told, in seconds. A truck may stand before the lens for twenty."""
BLANK_S = 10.0
"""How long a camera must show nothing from its first picture on, in seconds."""
LONGEST_S = 60.0
BACK_S = 10.0
"""How long the usual view must be back before it is over, in seconds."""
OTHER_LIGHT_S = 30.0
"""A view that is known in parts for so long is the same at another light, and is learnt beside the first."""
LIGHTS = 3
"""So many usual views are remembered: day, night, infrared."""
ADOPT_S = 6 * 3600.0
"""A new, sharp view that stayed for so long is the camera's view from now on."""

DARK, DIMMED = 40.0, 0.4
"""Too dark: the brighter parts are below this (0..255), and were so much brighter shortly before."""
BLACK = 20.0
"""Where night has come slowly and the brighter parts are below this, nothing can be made out that could be lost."""
WHITE, ALL_WHITE = 0.15, 0.7
"""Glare: the part of the picture that is white, with the rest lost; or nearly all of it."""
UNSHARP, LAYOUT = 0.4, 0.75
"""Blurred: so little of the usual fine detail, while large forms are where they were."""
KEPT, LOST, FLAT, RICH = 0.6, 0.3, 0.5, 0.4
"""The view is known above the first part of its fields, and lost below the second; flat and rich as in Likeness."""
FOUND, BETTER = 0.5, 0.3
"""Moved: so much of the view is found at another place, and so much more than at its own; half of it for a shift."""
RESTLESS = 30.0
"""With more new fine detail at each look, rain or noise hides the view, and nobody covers it."""
BACK_KEPT, BACK_SHARP = 0.55, 0.5
ROLLS = (-16.0, -12.0, -8.0, -4.0, 4.0, 8.0, 12.0, 16.0)
"""Turns about the camera's own axis that are tried, in degrees."""

REASONS: dict[State, str] = {
    State.FROZEN: "the same picture comes again and again",
    State.DARK: "the light went out: nearly nothing can be seen",
    State.GLARE: "a light shines into the lens and hides the view",
    State.BLURRED: "the picture lost its sharpness",
    State.MOVED: "the camera looks elsewhere than usual",
    State.COVERED: "something covers the lens",
}


class Tamper:
    """The view of one camera. Give it every analysed picture; it looks at one a second."""

    def __init__(self) -> None:
        self._wrong: State | None = None
        self.usual = False
        """Whether the last look was at a known view and raised no suspicion."""
        self._look: Look | None = None
        self._views: list[Usual] = []
        self._stuck = Stuck()
        self._is_stuck = False
        self._shown = False
        self._at, self._due, self._since = -PAUSE_S, 0.0, 0.0
        self._lasted: dict[State, float] = {}
        self._cause: State | None = None
        self._back = self._partly = 0.0

    @property
    def state(self) -> State | None:
        """What is wrong with the view; None when nothing is."""
        return State.FROZEN if self._is_stuck else self._wrong

    @property
    def reason(self) -> str:
        """What is wrong, in one sentence; empty when nothing is."""
        return REASONS[self.state] if self.state is not None else ""

    def look(self, luma: Luma, at: float) -> State | None:
        """The state of the view after a picture of monotonic time `at` (s); its small plane is enough."""
        if at < self._due:
            return self.state
        elapsed = at - self._at
        if elapsed >= PAUSE_S:
            elapsed = EVERY_S
            self._look, self._lasted, self._back, self._partly = None, {}, 0.0, 0.0
        self._at, self._due = at, at + EVERY_S - 0.05
        look = self._look = looked(luma, self._look)
        self._is_stuck = self._stuck.look(look.fine, at)
        if look.first:
            return self.state
        if not self._views or self._views[0].picture.shape != look.small.shape:
            self._views, self._shown, self._wrong, self._cause = [Usual(look)], False, None, None
        view = self._views[0]
        if view.looks < SETTLE or (not self._shown and view.known < FEW):
            self._begin(view, look, elapsed)
        else:
            self._shown = True
            self._judge(look, elapsed)
        return self.state

    def _begin(self, view: Usual, look: Look, elapsed: float) -> None:
        """Nothing is usual yet: only a picture that shows nothing at all can be told of."""
        view.learn(look, elapsed)
        blank, self.usual = look.blank, False
        kind = State.DARK if look.bright < DARK else State.GLARE if look.burnt > ALL_WHITE else State.COVERED
        self._count({kind} if blank else set(), elapsed)
        if not blank and self._wrong is not None:
            self._views, self._wrong = [Usual(look)], None
        elif blank and self._lasted[kind] >= BLANK_S:
            self._wrong = kind

    def _judge(self, look: Look, elapsed: float) -> None:
        like = self._best(look)
        view = self._views[0]
        view.known_again += like.kept >= KEPT
        suspects = self._suspects(like, look)
        self._count(suspects, elapsed)
        self.usual = not suspects
        self._partly = (
            self._partly + elapsed if view.proven and like.kept < KEPT and suspects <= {State.COVERED} else 0.0
        )
        if suspects:
            self._back = 0.0
            told = [kind for kind in suspects if self._lasted[kind] >= HOLD_S[kind]]
            if told and self._cause not in suspects:
                elsewhere = told[0] is State.COVERED and like.rich > RICH and like.flat < RICH and like.sharp > UNSHARP
                self._tell(told[0], State.MOVED if elsewhere else told[0])
        elif self._wrong is not None:
            self._back = self._back + elapsed if like.kept > BACK_KEPT and like.sharp > BACK_SHARP else 0.0
            if self._back >= BACK_S:
                self._wrong = self._cause = None
        else:
            self._follow(like, look, elapsed)
        if self._partly >= OTHER_LIGHT_S and self._wrong is not State.MOVED:
            self._partly = 0.0
            if self._rolled(like, look):
                self._tell(State.COVERED, State.MOVED)
        if self._wrong is State.MOVED and self._at - self._since >= ADOPT_S:
            self._views, self._wrong, self._cause = [Usual(look)], None, None

    def _tell(self, cause: State, state: State) -> None:
        self._cause, self._wrong, self._since = cause, state, self._at

    def _best(self, look: Look) -> Likeness:
        """The likeness to the usual view that fits best; that one is the first from now on."""
        like = self._views[0].compare(look)
        if like.kept >= KEPT or len(self._views) == 1:
            return like
        best, view = max(((view.compare(look), view) for view in self._views[1:]), key=lambda one: one[0].kept)
        if best.known < FEW or best.kept < max(KEPT, like.kept):
            return like
        self._views.remove(view)
        self._views.insert(0, view)
        return best

    def _suspects(self, like: Likeness, look: Look) -> set[State]:
        """What a look may be; one kind at most, the surest first."""
        if like.bright < DARK and like.dimmed < DIMMED:
            return {State.DARK}
        if like.known < FEW or like.bright < BLACK or not self._views[0].proven:
            return set()
        if like.burnt > ALL_WHITE or (like.burnt > WHITE and like.kept < KEPT):
            return {State.GLARE}
        if like.sharp < UNSHARP and like.layout > LAYOUT:
            return {State.BLURRED}
        if like.kept < KEPT and self._views[0].turned(look) >= max(FOUND, like.kept + BETTER / 2):
            return {State.MOVED}
        if like.flat > FLAT or (like.kept < LOST and look.restless < RESTLESS):
            return {State.COVERED}
        return set()

    def _count(self, suspects: set[State], elapsed: float) -> None:
        """Let what holds add up; what does not hold fades twice as fast."""
        for kind in HOLD_S:
            lasted = self._lasted.get(kind, 0.0)
            self._lasted[kind] = (
                min(lasted + elapsed, LONGEST_S) if kind in suspects else max(0.0, lasted - 2 * elapsed)
            )

    def _follow(self, like: Likeness, look: Look, elapsed: float) -> None:
        """Learn what is usual. What is known in parts for long, and not rolled, is the view at another light."""
        if like.kept >= KEPT or not self._views[0].proven:
            self._views[0].learn(look, elapsed)
            return
        self._views[0].dim(look, elapsed)
        if self._partly >= OTHER_LIGHT_S and look.restless < RESTLESS and not self._rolled(like, look):
            self._views = [Usual(look), *self._views][:LIGHTS]
            self._partly = 0.0

    def _rolled(self, like: Likeness, look: Look) -> bool:
        """Whether the view is found turned about the camera's own axis."""
        return max(self._views[0].turned(look, roll) for roll in ROLLS) >= max(FOUND, like.kept + BETTER)
