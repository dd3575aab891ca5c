"""Log lines: one JSON object each, on standard output, the same from every library."""

import logging
import sys

import structlog
from structlog.typing import Processor

# a line a request or a poll says nothing that the service's own lines do not
QUIETER = {"httpx": logging.WARNING, "aiosqlite": logging.WARNING, "alembic": logging.WARNING}


def log_as_json(service: str) -> None:
    """Route structlog and the standard library's logging to one JSON line an event."""

    def named(_logger: object, _method: str, line: structlog.typing.EventDict) -> dict[str, object]:
        line.pop("color_message", None)  # uvicorn's, for terminals
        return {**line, "service": service}

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # the plain traceback: a richer one would show local values, and so people
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                named,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name, level in QUIETER.items():
        logging.getLogger(name).setLevel(level)
