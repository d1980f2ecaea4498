"""Who reviews what: balanced, by expertise, never in conflict. Pure, and the same for the same seed.

First each application, those with the least choice before the others, takes its least loaded reviewers, among equals
the ones who know its strand. Where conflicts left the loads uneven, reviews move along chains of reviewers until no
chain makes them more even: then no other assignment is (as in optimal semi-matching). At last two reviews change hands
wherever that brings more of them to somebody who knows the strand; loads stay as they are.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from heapq import nsmallest

EXCHANGES = 60
"""How many reviews of one reviewer are looked at for one exchange."""


@dataclass(frozen=True)
class Task:
    """An application that needs `needed` more reviewers; `barred` are reviewers who may not: in conflict, or on it."""

    application_id: int
    strand: str
    needed: int
    barred: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """A reviewer with the strands that they know and what they have to review already."""

    account_id: int
    expertise: frozenset[str] = frozenset()
    load: int = 0


@dataclass(frozen=True)
class Pick:
    """One review: who, and whether they know the strand."""

    application_id: int
    account_id: int
    expert: bool


@dataclass(frozen=True)
class Plan:
    """The reviews to make; `short`: application -> how many reviewers nobody could be found for; `loads` afterwards."""

    picks: tuple[Pick, ...]
    short: dict[int, int]
    loads: dict[int, int] = field(default_factory=dict)

    @property
    def experts(self) -> int:
        return sum(each.expert for each in self.picks)


def assign(tasks: Sequence[Task], candidates: Sequence[Candidate], seed: str = "") -> Plan:
    """A plan for all tasks. What is assigned already counts in the loads and is never moved."""
    board = _Board(tasks, candidates, seed)
    board.fill()
    board.level()
    board.exchange()
    picks = tuple(
        Pick(task.application_id, account, task.strand in board.expertise[account])
        for task in sorted(tasks, key=lambda each: each.application_id)
        for account in sorted(board.taken[task.application_id])
    )
    return Plan(picks, board.short, dict(board.loads))


class _Board:
    def __init__(self, tasks: Sequence[Task], candidates: Sequence[Candidate], seed: str) -> None:
        self.tasks = {each.application_id: each for each in tasks}
        self.expertise = {each.account_id: each.expertise for each in candidates}
        self.loads = {each.account_id: each.load for each in candidates}
        self.seed = seed
        self.order = sorted(self.loads, key=lambda each: _chance(seed, "r", each))
        self.rank = {account: at for at, account in enumerate(self.order)}
        self.taken: dict[int, set[int]] = {each: set() for each in self.tasks}
        self.has: dict[int, dict[str, dict[int, None]]] = {
            each: defaultdict(dict) for each in self.order
        }  # reviewer -> strand -> applications, in the order in which they came
        self.short: dict[int, int] = {}

    def free(self, task: Task, account: int) -> bool:
        return account not in task.barred and account not in self.taken[task.application_id]

    def put(self, task: Task, account: int) -> None:
        self.taken[task.application_id].add(account)
        self.has[account][task.strand][task.application_id] = None
        self.loads[account] += 1

    def take(self, task: Task, account: int) -> None:
        self.taken[task.application_id].remove(account)
        del self.has[account][task.strand][task.application_id]
        self.loads[account] -= 1

    def fill(self) -> None:
        known = set(self.order)
        tasks = sorted(
            self.tasks.values(),
            key=lambda each: (-len(each.barred & known), _chance(self.seed, "a", each.application_id)),
        )
        for turn, task in enumerate(tasks):
            chosen = nsmallest(
                task.needed,
                (each for each in self.order if each not in task.barred),
                key=lambda each, task=task, turn=turn: (  # type: ignore[misc]
                    self.loads[each],
                    task.strand not in self.expertise[each],
                    (self.rank[each] - turn) % len(self.order),  # equals take turns, or the same ones always meet
                ),
            )
            for account in chosen:
                self.put(task, account)
            if len(chosen) < task.needed:
                self.short[task.application_id] = task.needed - len(chosen)

    def level(self) -> None:
        """Move reviews from the most loaded along chains to those with at least two fewer, while there is a chain."""
        done: set[int] = set()
        while True:
            waiting = [each for each in self.order if each not in done]
            if not waiting:
                return
            start = max(waiting, key=lambda each: (self.loads[each], -self.rank[each]))
            chain = self._chain(start)
            if chain is None:
                done.add(start)
                continue
            done.clear()
            for giver, task, receiver in chain:
                self.take(task, giver)
                self.put(task, receiver)

    def _chain(self, start: int) -> list[tuple[int, Task, int]] | None:
        if self.loads[start] - min(self.loads.values()) < 2:
            return None
        came: dict[int, tuple[int, Task]] = {}
        seen, queue = {start}, deque([start])
        while queue:
            giver = queue.popleft()
            for receiver in self.order:
                if receiver in seen:
                    continue
                task = self._movable(giver, receiver)
                if task is None:
                    continue
                seen.add(receiver)
                came[receiver] = (giver, task)
                if self.loads[receiver] <= self.loads[start] - 2:
                    return self._way(came, start, receiver)
                queue.append(receiver)
        return None

    def _way(self, came: Mapping[int, tuple[int, Task]], start: int, end: int) -> list[tuple[int, Task, int]]:
        steps = []
        while end != start:
            giver, task = came[end]
            steps.append((giver, task, end))
            end = giver
        return steps  # from the end on: each review leaves before another one comes in

    def _movable(self, giver: int, receiver: int) -> Task | None:
        strands = self.has[giver]
        known = self.expertise[receiver]
        for strand in sorted(strands, key=lambda each: (each not in known, each)):
            for application_id in strands[strand]:
                task = self.tasks[application_id]
                if self.free(task, receiver):
                    return task
        return None

    def exchange(self) -> None:
        experts: defaultdict[str, list[int]] = defaultdict(list)
        for account in self.order:
            for strand in self.expertise[account]:
                experts[strand].append(account)
        for task in self.tasks.values():
            for account in sorted(self.taken[task.application_id]):
                if task.strand not in self.expertise[account]:
                    self._exchange(task, account, experts[task.strand])

    def _exchange(self, task: Task, account: int, experts: Iterable[int]) -> None:
        """Give the task to one who knows its strand for a review that is no worse off with `account`."""
        ours = self.expertise[account]
        for expert in experts:
            if not self.free(task, expert):
                continue
            theirs = self.expertise[expert]
            for strand, applications in self.has[expert].items():
                if strand in theirs and strand not in ours:
                    continue
                for at, application_id in enumerate(applications):
                    if at >= EXCHANGES:
                        break
                    other = self.tasks[application_id]
                    if self.free(other, account):
                        self.take(task, account)
                        self.take(other, expert)
                        self.put(task, expert)
                        self.put(other, account)
                        return


def _chance(seed: str, kind: str, number: int) -> bytes:
    return blake2b(f"{seed}:{kind}:{number}".encode(), digest_size=8).digest()
