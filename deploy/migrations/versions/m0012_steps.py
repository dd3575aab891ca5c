"""A round is kept as one step from the round before, in a chain that begins with a whole one."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table matcher.round add column base_id uuid, add column place integer")
    op.execute("update matcher.round set base_id = round_id, place = 0")
    op.execute(
        "alter table matcher.round alter column base_id set not null,"
        " alter column place set not null"
    )
    op.execute("create unique index on matcher.round (base_id, place)")
