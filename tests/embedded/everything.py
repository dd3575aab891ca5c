"""The whole system in processes of its own, for a test to watch or to break."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from services.embedded.supervisor import SERVICES, Supervisor
from tests.embedded.folders import reachable


@contextmanager
def everything(settings: Mapping[str, str]) -> Iterator[Supervisor]:
    """All servers and services, ready; *settings* are more variables for every service."""
    with reachable() as folder:
        whole = Supervisor(folder / "all", settings)
        try:
            whole.start_servers()
            whole.start(*SERVICES)
            yield whole
        finally:
            whole.stop()
