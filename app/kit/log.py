"""Structured logs: one event a line, with ids; what may be secret or personal is blanked."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

SECRET_KEYS = re.compile(
    r"secret|password|token|ticket$|openid|phone|id_number|cookie|authorization|signature|^code$|^name$",
    re.IGNORECASE,
)
SECRET_TEXT = re.compile(
    r"((?:access_token|secret|code|refresh_token|ticket|jsapi_ticket|appsecret|openid)=)[^&\s\"']+"
)

log: Any = structlog.get_logger()


def configure(*, as_json: bool, level: str) -> None:
    """Logs go to stderr."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if as_json
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(_redact_record)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A structlog processor that blanks secrets by key and by their look in texts."""
    return {key: "[redacted]" if SECRET_KEYS.search(key) else _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    return SECRET_TEXT.sub(r"\1[redacted]", value) if isinstance(value, str) else value


def _redact_record(record: logging.LogRecord) -> bool:
    record.msg, record.args = _clean(record.getMessage()), ()
    return True
