"""Everything that an exception or a log line could show. Import the fixture `logged` where it is used."""

import io
import logging
import traceback
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that libraries log, at the lowest level, and our own lines."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    old = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(stream), cache_logger_on_first_use=False)
    yield stream
    structlog.configure(**old)
    root.removeHandler(handler)
    root.setLevel(before)


def every_text_of(error: BaseException) -> str:
    """What a reporter could print: the message, the representation, the chain, and what hangs on it."""
    texts, seen = [], [error]
    for each in seen:
        texts += [str(each), repr(each), repr(each.args), repr(vars(each))]
        texts += traceback.format_exception(each)
        seen += [other for other in (each.__cause__, each.__context__) if other and other not in seen]
    return "\n".join(texts)
