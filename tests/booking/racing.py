"""Several people who do something at the very same moment, each in a thread with a session of its own."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from shared.refusal import Refusal

WON = "won"


def race(runners: Sequence[Callable[[], Any]]) -> Counter[str]:
    """Start all at once; how each ended: "won", the code of its refusal, or what should never come out."""
    gate = threading.Barrier(len(runners))
    ends: list[str] = []

    def run(runner: Callable[[], Any]) -> None:
        gate.wait()
        try:
            runner()
            ends.append(WON)
        except Refusal as refusal:
            ends.append(refusal.code)
        except Exception as error:
            ends.append(repr(error))

    threads = [threading.Thread(target=run, args=(runner,)) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(ends)
