"""A link for parents holds a token: what is refused is logged by its route."""

from io import StringIO

import pytest
import structlog

from app.kit import http


def test_a_refused_link_is_logged_without_its_token(app, monkeypatch: pytest.MonkeyPatch):
    lines = StringIO()
    to_lines = structlog.wrap_logger(
        structlog.PrintLogger(file=lines),
        processors=[structlog.processors.KeyValueRenderer()],
        wrapper_class=structlog.BoundLogger,
    )
    monkeypatch.setattr(http, "log", to_lines)
    answer = app.test_client().get("/m/leave/parents/sample-token")
    assert answer.status_code >= 400
    assert "request_refused" in lines.getvalue() and "/m/leave/parents/<" in lines.getvalue()
    assert "sample-token" not in lines.getvalue()
