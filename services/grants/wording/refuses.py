"""Words of the page "what Maru refuses"."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext

from services.grants.wording.expenses import FINDINGS

KIND_WORDS: dict[str, tuple[Any, Any]] = {
    "findings": (
        lazy_gettext("감사가 되풀이해 찾는 잘못"),
        lazy_gettext("공공 감사에서 해마다 나오는 잘못들입니다. 저마다 이름이 있는 규칙이 막거나 알립니다."),
    ),
    "guards": (
        lazy_gettext("절차와 교부의 문"),
        lazy_gettext("참이 아니면 다음 단계로 가거나 돈을 줄 수 없습니다. 누가 무엇을 하면 되는지 함께 알려 줍니다."),
    ),
    "requirements": (
        lazy_gettext("신청 자격"),
        lazy_gettext("신청서를 낼 때 살핍니다. 어떤 자격을 묻는지는 사업마다 다릅니다."),
    ),
    "expenses": (
        lazy_gettext("지출"),
        lazy_gettext("쓰기 전에 미리 확인할 때, 지출을 올릴 때, 인정할 때 같은 규칙으로 살핍니다."),
    ),
}
"""The parts of the page (`refuses.KINDS`): heading and a sentence."""
PLACE_WORDS = {
    "payment": lazy_gettext("교부할 때"),
    "submission": lazy_gettext("신청서를 낼 때"),
    "expense": lazy_gettext("지출을 미리 확인하고 올리고 인정할 때"),
    "duplicates": lazy_gettext("접수한 신청을 견줄 때"),
    "committee": lazy_gettext("위원회가 의결할 때"),
    "review": lazy_gettext("심사를 맡기고 점수를 낼 때"),
    "two_people": lazy_gettext("교부를 승인할 때"),
}
"""Where a rule is asked (`refuses.Place`), a step apart: that has its programme's own name."""
EFFECT_WORDS = {
    "block": lazy_gettext("막음"),
    "flag": lazy_gettext("알려 줌"),
    "off": lazy_gettext("살피지 않음"),
    "partly": lazy_gettext("일부 절차에서만 막음"),
}
EFFECT_TONES = {"block": "danger", "flag": "warning", "off": "neutral", "partly": "warning"}


def expense_words(code: str) -> tuple[str, str]:
    """What a check of expenses is called, and what it says."""
    name, sentence = FINDINGS[code]
    return str(name), general(str(sentence))


def general(sentence: str) -> str:
    """A refusal's sentence without its figures, which differ from case to case."""
    return re.sub(r"%\(\w+\)[sd]", "○", sentence).replace("%%", "%")
