"""Structured logs without personal data."""

import logging
import sys
import traceback

import structlog
from structlog.typing import EventDict, ExcInfo, WrappedLogger

PERSONAL = frozenset(
    {"name", "login", "email", "phone", "address", "password", "cookie", "authorization", "payload", "form", "ip"}
)


def drop_personal(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Whatever is called by a name that stands for personal data is not written, whoever logs it."""
    return {key: ("—" if key in PERSONAL else value) for key, value in event.items()}


def where_it_failed(exc_info: ExcInfo) -> str:
    """The kinds of an error and its causes, the first one first, each with its lines of code; never their words, which
    quote what people typed ("invalid literal: '…'", "Key (login)=(…) already exists")."""
    told: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        told.insert(0, "".join(traceback.format_tb(error.__traceback__)) + kind)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(told)


def configure(level: str = "info", form: str = "text") -> None:
    """Write to standard error, as readable text or one JSON object a line."""
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # it leaves ours as it is
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            drop_personal,
            structlog.processors.ExceptionRenderer(where_it_failed),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
