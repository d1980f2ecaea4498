"""The port that a server listens on."""

import errno
import socket

from shared.settings import SettingsError


def reserve(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done. Raises SettingsError with what to do when it can't be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    except socket.gaierror:
        raise SettingsError(f"MARU_HOST={host}: no such address on this machine; 127.0.0.1 and 0.0.0.0 work.") from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"Port {port} is in use; stop the other program or choose another port, such as MARU_PORT={port + 1}"
            ) from None
        raise SettingsError(f"MARU_HOST={host} MARU_PORT={port}: {error.strerror}; choose another.") from None
    return listener
