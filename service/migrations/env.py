"""Alembic's entrance. It is always handed an open connection, by service/schema.py."""

from alembic import context
from sqlmodel import SQLModel

import service.tables  # noqa: F401  (fills SQLModel.metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    user_module_prefix="sqlmodel.sql.sqltypes.",
)
with context.begin_transaction():
    context.run_migrations()
