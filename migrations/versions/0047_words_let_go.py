"""Words of cases whose leave or answer has let them go, what was noted about such leaves, and names of files that are gone,
go as well. Apart from the new columns: it takes its time, and locks no table meanwhile.
"""

from alembic import op

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
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
    op.execute(
        """
        UPDATE leave_log SET data = '{}'
         WHERE kind IN ('revoked', 'called_back')
           AND request_id IN (SELECT id FROM leave_requests WHERE reason = '（已删除）')
        """
    )
    op.execute(
        """
        UPDATE leave_contacts SET note = ''
         WHERE note <> '' AND request_id IN (SELECT id FROM leave_requests WHERE reason = '（已删除）')
        """
    )
