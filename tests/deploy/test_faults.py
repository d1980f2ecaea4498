"""A smaller dose of `faults.py`: real processes, real kill -9, on whatever database and broker the suite runs."""

from tests.deploy.faults import run


def test_no_event_is_lost_doubled_or_out_of_order_when_processes_are_killed(house):
    figures = run(house, reservations=150, kills=4, broker_restarts=0)
    assert figures.made == 150
    assert figures.cancelled == 50
    assert figures.faults == 0, figures
