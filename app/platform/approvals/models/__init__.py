"""Tables of approvals."""

from app.platform.approvals.models.cases import Case, Comment, LogLine, Task, Timer, Visit
from app.platform.approvals.models.definitions import Definition, DefinitionStatus, NodeTime
from app.platform.approvals.models.deputies import Deputy

__all__ = [
    "Case",
    "Comment",
    "Definition",
    "DefinitionStatus",
    "Deputy",
    "LogLine",
    "NodeTime",
    "Task",
    "Timer",
    "Visit",
]
