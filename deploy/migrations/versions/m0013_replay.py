"""A round keeps a digest of what it decided, apart from its words, and what it was made with."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # rounds of before keep neither: what they were made with is not known any more
    op.execute(
        "alter table matcher.round add column decided_digest text, add column made_with jsonb"
    )
