"""The production server of one service: granian, a process per worker with a few blocking threads each."""

from granian import Granian
from granian.constants import Interfaces

from deploy.port import reserve
from shared.settings import Settings


def serve(settings: Settings, service: str) -> None:
    """Serve until stopped. Two blocking threads a worker gave the best throughput on two cores (see the design).

    Raises SettingsError when the port can't be had; granian itself would share it with another server of its kind.
    """
    reserve(settings.host, settings.port).close()
    Granian(
        f"deploy.wsgi:{service}",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=2,
        log_access=False,
    ).serve()
