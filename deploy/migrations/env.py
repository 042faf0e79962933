"""Alembic's environment: one metadata, online only, on the connection that `o2o.infra.migrating` opens."""

from alembic import context

from o2o import tables
from o2o.infra import server_side

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    compare_type=True,
    compare_server_default=True,
    transactional_ddl=True,
)
context.run_migrations()

# Server-side functions are code, not shape: whatever the revision, they are the ones this release was tested with.
connection = context.config.attributes["connection"]
if connection.exec_driver_sql("select to_regclass('stock_entries')").scalar():
    for statement in server_side.statements():
        connection.exec_driver_sql(statement)
