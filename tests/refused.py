"""What a refusal says, for tests that compare it."""

from collections.abc import Callable

import pytest

from shared.refusal import Refusal


def refusal_of(call: Callable[[], object]) -> Refusal:
    """The refusal with which this ends."""
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value


def code_of(call: Callable[[], object]) -> str:
    return refusal_of(call).code


def fields_of(call: Callable[[], object]) -> dict[str, list[str]]:
    return refusal_of(call).fields
