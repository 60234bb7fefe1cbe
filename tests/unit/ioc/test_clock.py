"""The wall clock says the time of this machine, in UTC."""

import datetime as dt
import time

from ioc.clock import now


def test_the_moment_is_aware_and_in_utc_and_that_of_the_machine() -> None:
    before = time.time()
    moment = now()
    assert moment.utcoffset() == dt.timedelta(0)
    assert before <= moment.timestamp() <= time.time()
