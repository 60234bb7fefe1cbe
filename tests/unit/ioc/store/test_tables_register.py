from ioc.store.tables_register import REGISTER_LOG


def test_a_line_tells_who_changed_what_when_and_why() -> None:
    assert {"subject", "code", "version", "at", "who", "act", "reason", "changes"} <= set(REGISTER_LOG.c.keys())
