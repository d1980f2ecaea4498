"""The full dose: 20 kills during 2,000 reservations and, on RabbitMQ, 3 restarts of the broker.

python -m tests.bus.full_faults [--events 2000] [--kills 20] [--restarts 3] [--seed 1]

On the embedded default, or on MARU_TEST_DATABASE and MARU_TEST_BROKER. Ends with 1 unless nothing was lost, nothing
happened twice and every aggregate's order held. Restarting the broker needs the right to run rabbitmqctl.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from shared.bus.dead_letters import dead_letters
from tests.bus.faults import SUBSCRIBERS, Faults, restart_broker
from tests.bus.town import Town


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--restarts", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        town = Town.found(Path(folder))
        try:
            started = time.monotonic()
            embedded = town.broker.startswith("memory:")
            faults = Faults(town, options.events, options.seed)
            figures = faults.run(
                options.kills, None if embedded else restart_broker, 0 if embedded else options.restarts
            )
            dead = {service: len(dead_letters(town.databases[service])) for service in SUBSCRIBERS}
            seconds = time.monotonic() - started
        finally:
            town.raze()
    profile = "embedded" if embedded else f"servers, {options.restarts} broker restarts"
    lines = [f"{profile}: {seconds:.0f} s, kills {figures['killed']}"]
    wrong = 0 if figures["settled"] else 1
    for service in SUBSCRIBERS:
        seen = figures[service]
        assert isinstance(seen, dict)
        lines.append(f"  to {service}: {seen}, set aside {dead[service]}")
        wrong += seen["lost"] + seen["twice"] + seen["out_of_order"] + dead[service]
    lines.append("  settled" if figures["settled"] else "  NOT settled in time")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
