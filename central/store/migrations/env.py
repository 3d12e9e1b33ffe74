"""Alembic's entry: runs the steps on the connection that central.store.database hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,  # SQLite too: central.store.database begins each transaction itself
)
with context.begin_transaction():
    context.run_migrations()
