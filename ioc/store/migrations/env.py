"""Alembic's entry: writes SQL only, because the one way to the database is asyncpg (ioc/store/migrate.py)."""

from alembic import context

context.configure(dialect_name="postgresql", dialect_opts={"paramstyle": "named"}, literal_binds=True)

with context.begin_transaction():
    context.run_migrations()
    # The deed of the migration itself, in its transaction.
    context.execute(
        # The revision is a name of ours.
        "insert into audit (at, who, act, kind, thing, address, outcome, after, text) values (now(), session_user,"  # noqa: S608
        f" 'schema.migrate', 'schema', '{context.get_head_revision()}', '', 'done', null, '')"
    )
