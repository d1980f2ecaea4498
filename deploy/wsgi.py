"""What the production server loads: `deploy.wsgi:maps`, `:booking`, `:grants`, `:auth`; made when asked for."""

from typing import Any

from deploy.house import House
from shared import logs
from shared.settings import SERVICES, Settings

SERVED = (*SERVICES, "auth")


def __getattr__(name: str) -> Any:
    if name not in SERVED:
        raise AttributeError(name)
    settings = Settings.from_environment()
    logs.configure(settings.log_level, settings.log_format)
    return House(settings).wsgi(["identity" if name == "auth" else name])
