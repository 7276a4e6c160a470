"""How Alembic runs migrations: on the connection that db/migrate.py gives, each in its own transaction."""

from alembic import context

from db.models import Base

if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True, transaction_per_migration=True
    )
else:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        compare_server_default=True,
        transaction_per_migration=True,
    )

with context.begin_transaction():
    context.run_migrations()
