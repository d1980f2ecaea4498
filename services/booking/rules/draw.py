"""A weighted draw that anyone can run again. This file needs nothing but Python, so that it can be handed out alone:

    python -m services.booking.rules.draw receipt.json      (or: python draw.py receipt.json)

What happens, in words that a sceptic can follow:

1. Before anyone enters, a secret seed is made and its SHA-256 is published: the commitment. The terms are published
   too: the slots, how many tickets an entry has, how many slots one entry may win.
2. Whoever enters adds a nonce, words of their own of which the SHA-256 goes into the draw.
3. When the window closes, the list (the terms and all entries with nonces, weights and wishes) is hashed: `list_hash`.
4. The seed is revealed. The key of the draw is PBKDF2-HMAC-SHA256(seed, salt = list_hash, `stretch` rounds): it hangs
   on the seed and on every nonce, so neither who knows the seed nor who writes the list chooses it alone; the rounds
   make it slow to try many lists at the last moment.
5. An entry has `base` tickets, and more or fewer by the stated rules that hold for it (never less than one). Ticket t
   of entry n with nonce x has the number HMAC-SHA256(key, "n:t:x"). The lowest number of an entry is its number; the
   entries are ranked by it, the lowest first. So an entry with three tickets is first three times as often as an
   entry with one; no fractions are calculated.
6. In the order of the ranks each entry takes the first of its wishes that is still there; after the last one it starts
   again, until nobody can take any more or has won as many slots as one may.

All hashes are written as lowercase hexadecimal text and hashed as that text. The list is JSON with sorted keys, no
spaces and everything but ASCII escaped.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMAT = "maru-draw-1"
STRETCH = 500_000
"""Rounds that make the key; about a quarter of a second."""
MOST_TICKETS = 100
"""Of one entry."""


@dataclass(frozen=True)
class Terms:
    """What is published before the window opens. `tickets` maps the code of a rule to the tickets it adds or takes."""

    name: str
    slots: tuple[str, ...]
    base: int = 1
    tickets: tuple[tuple[str, int], ...] = ()
    wins: int = 1
    stretch: int = STRETCH


@dataclass(frozen=True)
class Entry:
    """One entry: its public number, its nonce's hash, the rules that hold for it, its wishes in order of preference."""

    number: int
    nonce: str
    rules: tuple[str, ...]
    wishes: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one wish: "won"; "taken", by the entry of rank `by`; "enough", its entry having won enough."""

    slot: str
    became: str
    by: int | None = None


@dataclass(frozen=True)
class Result:
    """Where an entry came to stand and why. `parts` are the tickets that each of its rules added, "base" first;
    `ticket` is which of them had the lowest number."""

    entry: int
    rank: int
    tickets: int
    parts: tuple[tuple[str, int], ...]
    ticket: int
    number: str
    outcomes: tuple[Outcome, ...]

    @property
    def won(self) -> list[str]:
        """The slots, in order of preference."""
        return [each.slot for each in self.outcomes if each.became == "won"]


def commitment(seed: str) -> str:
    """What is published of a seed before the draw."""
    return _sha256(seed)


def nonce_of(words: str) -> str:
    """What goes into the draw of somebody's own words."""
    return _sha256(words)


def list_hash(terms: Terms, entries: Iterable[Entry]) -> str:
    """The fingerprint of the terms and of all entries, in whatever order they are given."""
    return _sha256(json.dumps(_list(terms, entries), sort_keys=True, separators=(",", ":"), ensure_ascii=True))


def tickets_of(terms: Terms, rules: Collection[str]) -> tuple[int, tuple[tuple[str, int], ...]]:
    """How many tickets somebody has for whom these rules hold, and how they come about."""
    parts = (("base", terms.base), *((code, count) for code, count in terms.tickets if code in rules))
    return min(MOST_TICKETS, max(1, sum(count for _code, count in parts))), parts


def draw(terms: Terms, entries: Sequence[Entry], seed: str) -> list[Result]:
    """Everybody's result in order of rank. Raises ValueError for a list that contradicts itself."""
    _check(terms, entries)
    salt = list_hash(terms, entries)
    key = hashlib.pbkdf2_hmac("sha256", seed.encode(), salt.encode(), terms.stretch)
    numbers = {each.number: _number(key, terms, each) for each in entries}
    ranked = sorted(entries, key=lambda each: (numbers[each.number], each.number))
    winners = _take_turns(terms, ranked)
    ranks = {each.number: place for place, each in enumerate(ranked, 1)}
    results = []
    for each in ranked:
        tickets, parts = tickets_of(terms, each.rules)
        number, ticket = numbers[each.number]
        outcomes = _outcomes(terms, each, winners, ranks)
        results.append(Result(each.number, ranks[each.number], tickets, parts, ticket, number, outcomes))
    return results


def next_in_line(
    results: Iterable[Result], slot: str, passed: Collection[int], wins: Mapping[int, int], most: int
) -> Result | None:
    """Who gets a slot that its winner did not want: by rank, the first who wished for it, has not `passed` on it and
    holds fewer than `most` slots."""
    for each in sorted(results, key=lambda result: result.rank):
        wished = any(outcome.slot == slot for outcome in each.outcomes)
        if wished and each.entry not in passed and wins.get(each.entry, 0) < most:
            return each
    return None


def receipt(
    terms: Terms, entries: Iterable[Entry], committed: str, seed: str | None, results: Iterable[Result]
) -> dict[str, Any]:
    """The document that is published: all that it takes to run the draw again. Without a seed it is not yet drawn."""
    entries = list(entries)
    return {
        "format": FORMAT,
        "commitment": committed,
        "list": _list(terms, entries),
        "list_hash": list_hash(terms, entries),
        "seed": seed,
        "results": [_plain(each) for each in results],
    }


def results_of(document: Mapping[str, Any]) -> list[Result]:
    """The results that a receipt of ours tells, in order of rank."""
    return [
        Result(
            each["entry"],
            each["rank"],
            each["tickets"],
            tuple((code, count) for code, count in each["parts"]),
            each["ticket"],
            each["number"],
            tuple(Outcome(**outcome) for outcome in each["outcomes"]),
        )
        for each in document["results"]
    ]


def problems(document: Any) -> list[str]:
    """What is wrong with a receipt: malformed, not_drawn, seed_not_committed, list_changed, results_differ; else []."""
    try:
        terms, entries = _read(document["list"])
        seed, committed, hashed, told = (document[name] for name in ("seed", "commitment", "list_hash", "results"))
        if document["format"] != FORMAT:
            return ["malformed"]
        if seed is None:
            return ["not_drawn"]
        results = [_plain(each) for each in draw(terms, entries, seed)]
    except (KeyError, TypeError, ValueError, AttributeError):
        return ["malformed"]
    found = []
    if commitment(seed) != committed:
        found.append("seed_not_committed")
    if list_hash(terms, entries) != hashed:
        found.append("list_changed")
    if results != told:
        found.append("results_differ")
    return found


def _check(terms: Terms, entries: Sequence[Entry]) -> None:
    if len({each.number for each in entries}) != len(entries):
        raise ValueError("two entries have the same number")
    if len(set(terms.slots)) != len(terms.slots) or len({"base", *dict(terms.tickets)}) <= len(terms.tickets):
        raise ValueError("a slot or a rule stands twice")
    if terms.base < 1 or terms.wins < 1 or terms.stretch < 1:
        raise ValueError("base, wins and stretch are at least 1")
    for each in entries:
        if len(set(each.wishes)) != len(each.wishes) or not set(each.wishes) <= set(terms.slots):
            raise ValueError(f"entry {each.number} wishes for a slot twice, or for one that there is not")


def _number(key: bytes, terms: Terms, entry: Entry) -> tuple[str, int]:
    """The lowest number among an entry's tickets, and which ticket has it. Hex of one length sorts as numbers do."""
    count, _parts = tickets_of(terms, entry.rules)
    texts = ((f"{entry.number}:{ticket}:{entry.nonce}", ticket) for ticket in range(1, count + 1))
    return min((hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), ticket) for text, ticket in texts)


def _take_turns(terms: Terms, ranked: Sequence[Entry]) -> dict[str, int]:
    """The entry that takes each slot."""
    winners: dict[str, int] = {}
    for _turn in range(min(terms.wins, len(terms.slots))):
        for each in ranked:
            left = next((slot for slot in each.wishes if slot not in winners), None)
            if left is not None:
                winners[left] = each.number
    return winners


def _outcomes(terms: Terms, entry: Entry, winners: Mapping[str, int], ranks: Mapping[int, int]) -> tuple[Outcome, ...]:
    found: list[Outcome] = []
    won = 0
    for slot in entry.wishes:
        winner = winners.get(slot)
        if winner == entry.number:
            found.append(Outcome(slot, "won"))
            won += 1
        elif won == terms.wins or winner is None:  # nobody's only where all who wished for it had enough
            found.append(Outcome(slot, "enough"))
        else:
            found.append(Outcome(slot, "taken", ranks[winner]))
    return tuple(found)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _list(terms: Terms, entries: Iterable[Entry]) -> dict[str, Any]:
    return {
        "name": terms.name,
        "slots": list(terms.slots),
        "base": terms.base,
        "tickets": [[code, count] for code, count in terms.tickets],
        "wins": terms.wins,
        "stretch": terms.stretch,
        "entries": [
            {"number": each.number, "nonce": each.nonce, "rules": sorted(each.rules), "wishes": list(each.wishes)}
            for each in sorted(entries, key=lambda entry: entry.number)
        ],
    }


def _read(plain: Mapping[str, Any]) -> tuple[Terms, list[Entry]]:
    """Terms and entries of a published list; ValueError, KeyError or TypeError where it is none."""
    for name in ("base", "wins", "stretch"):
        if type(plain[name]) is not int:
            raise ValueError(f"{name} is no whole number")
    if any(type(each) is not int for _code, each in plain["tickets"]):
        raise ValueError("tickets are whole numbers")
    terms = Terms(
        name=plain["name"],
        slots=tuple(plain["slots"]),
        base=plain["base"],
        tickets=tuple((code, count) for code, count in plain["tickets"]),
        wins=plain["wins"],
        stretch=plain["stretch"],
    )
    entries = [
        Entry(each["number"], each["nonce"], tuple(each["rules"]), tuple(each["wishes"])) for each in plain["entries"]
    ]
    return terms, entries


def _plain(result: Result) -> dict[str, Any]:
    return {
        "entry": result.entry,
        "rank": result.rank,
        "tickets": result.tickets,
        "parts": [[code, count] for code, count in result.parts],
        "ticket": result.ticket,
        "number": result.number,
        "outcomes": [{"slot": each.slot, "became": each.became, "by": each.by} for each in result.outcomes],
    }


def main(arguments: Sequence[str]) -> int:
    """Print the ranks and whether the receipt agrees with itself: 0 if it does, 1 if not, 2 if it can't be read."""
    try:
        document = json.loads(Path(*arguments).read_text(encoding="utf-8")) if len(arguments) == 1 else None
    except (OSError, ValueError) as error:
        return _say(f"cannot read the receipt: {error}", 2)
    if document is None:
        return _say("usage: draw.py receipt.json", 2)
    found = problems(document)
    if found == ["malformed"] or found == ["not_drawn"]:
        return _say(f"DOES NOT AGREE: {found[0]}", 1)
    for each in draw(*_read(document["list"]), document["seed"]):
        won = " ".join(each.won) or "-"
        _say(f"{each.rank:4}  entry {each.entry}  tickets {each.tickets}  {each.number[:16]}  {won}")
    return _say(f"DOES NOT AGREE: {', '.join(found)}", 1) if found else _say("AGREES", 0)


def _say(line: str, code: int = 0) -> int:
    sys.stdout.write(line + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
