"""Leave: why a stay was not granted. Words of cases whose leave or answer has let them go, and names of files that are
gone, go as well.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.add_column("leave_answers", sa.Column("decided_why", sa.Text(), server_default="", nullable=False))
    op.execute(
        """
        WITH over AS (
          SELECT one.id
            FROM approvals_cases one
           WHERE one.module = 'leave' AND one.status <> 'running'
             AND (EXISTS (SELECT FROM leave_requests its
                           WHERE its.public_id = one.business_id AND its.reason = '（已删除）')
                  OR (starts_with(one.business_id, 'lva_')
                      AND NOT EXISTS (SELECT FROM leave_answers its WHERE its.public_id = one.business_id)))
        ), words AS (
          UPDATE approvals_comments SET text = '（已删除）' WHERE case_id IN (SELECT id FROM over)
        )
        UPDATE approvals_cases SET title = '（已删除）', title_en = NULL, form = '{}', picks = '{}'
         WHERE id IN (SELECT id FROM over)
        """
    )
    op.execute("UPDATE files_attachments SET name = 'file.pdf' WHERE status = 'deleted'")
