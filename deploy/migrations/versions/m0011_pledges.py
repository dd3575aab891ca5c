"""The members of a joint pledge are found without reading every vacancy."""

from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

JOINT = {
    "intake.vacancy": "(posted -> 'profile' ->> 'joint_pledge')",
    "review.vacancy": "(profile ->> 'joint_pledge')",
}


def upgrade() -> None:
    for table, key in JOINT.items():
        op.execute(f"create index on {table} ({key}) where {key} is not null")
