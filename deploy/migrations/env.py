"""Alembic's environment: one metadata, online only, on the connection that `o2o.infra.migrating` opens."""

from alembic import context

from o2o import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    compare_type=True,
    compare_server_default=True,
    transactional_ddl=True,
)
context.run_migrations()
