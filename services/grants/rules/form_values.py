"""Reading single values of a form: a text, a whole number, an amount. Pure."""

from __future__ import annotations

import re
from typing import Any

from services.grants.won import MOST_WON, UnclearWon, read_won

Problems = dict[str, list[str]]


class Unread(ValueError):  # noqa: N818 - a finding, as `won.UnclearWon`
    """What was typed is no value; `code` names why, "nothing" where nothing was typed; `params` fill its sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def clean_text(typed: Any, longest: int) -> str:
    """A text with one kind of line ends and nothing around it. Raises Unread: nothing, text_unclear (what is no
    writing: control characters, lone surrogates, a number or a list where a text is asked), text_too_long."""
    if typed is None:
        raise Unread("nothing")
    if not isinstance(typed, str):
        raise Unread("text_unclear")
    text = typed.replace("\r\n", "\n").strip()
    if not text:
        raise Unread("nothing")
    if any(unwritable(each) for each in text):
        raise Unread("text_unclear")
    if len(text) > longest:
        raise Unread("text_too_long")
    return text


def unwritable(character: str) -> bool:
    """Whether a character is no writing: a control character, half of a pair, or what stands for unreadable bytes."""
    return (
        (character < " " and character not in "\r\n\t")
        or "\x7f" <= character <= "\x9f"
        or "\ud800" <= character <= "\udfff"
        or character in "\ufffd\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )


def whole(typed: Any) -> int:
    """A whole number of up to nine digits. Raises Unread: nothing, number_unclear."""
    if isinstance(typed, bool):
        raise Unread("number_unclear")
    if isinstance(typed, int):
        if not 0 <= typed < 10**9:
            raise Unread("number_unclear")
        return typed
    if not isinstance(typed, str) and typed is not None:
        raise Unread("number_unclear")
    text = clean_text(typed, 40)
    if not re.fullmatch(r"\d{1,9}|\d{1,3}(,\d{3}){1,2}", text, re.ASCII):
        raise Unread("number_unclear")
    return int(text.replace(",", ""))


def won_of(typed: Any) -> int:
    """Whole won, see `won.read_won`; JSON may bring a whole number. Raises Unread: nothing and the codes of
    `won.UnclearWon`."""
    if isinstance(typed, bool | float):
        raise Unread("won_unclear")
    if isinstance(typed, int):
        if typed < 0:
            raise Unread("won_negative")
        if typed > MOST_WON:
            raise Unread("won_too_large")
        return typed
    if typed is not None and not isinstance(typed, str):
        raise Unread("won_unclear")
    try:
        return read_won(typed or "")
    except UnclearWon as error:
        raise Unread("nothing" if error.code == "won_missing" else error.code) from error
