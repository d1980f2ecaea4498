"""The programmes that a call may run, and their strands. Pure data; labels are for people.

통합공모 asks every district for the strand 이웃·골목 만들기; 공동체 모임·공간 활성화 is the district's choice.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext


@dataclass(frozen=True)
class Programme:
    """What a call runs: `required` strands are part of every call, `optional` ones are chosen for it."""

    label: Any
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def strands(self) -> tuple[str, ...]:
        return self.required + self.optional


STRANDS: dict[str, Any] = {
    "neighbourhood_alley": lazy_gettext("이웃·골목 만들기"),
    "group_space": lazy_gettext("공동체 모임·공간 활성화"),
    "public_benefit": lazy_gettext("공익활동 지원"),
    "dong_plan": lazy_gettext("동단위 계획"),
}

PROGRAMMES: dict[str, Programme] = {
    "integrated_call": Programme(
        lazy_gettext("마을공동체 통합공모"), required=("neighbourhood_alley",), optional=("group_space",)
    ),
    "public_benefit": Programme(lazy_gettext("비영리민간단체 공익활동 지원"), required=("public_benefit",)),
    "dong_plan": Programme(lazy_gettext("동단위 계획형 시민참여예산"), required=("dong_plan",)),
}
