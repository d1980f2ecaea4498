"""What public audits keep finding in grants, each with a code of its own and what Maru does about it. Pure.

The page "what Maru refuses" is made from this table and from the guards, and each code has a test. A programme may set
the effect of those with a choice (`SettlementRules.findings`): block, flag or off; the others always block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext


@dataclass(frozen=True)
class AuditFinding:
    """`what` is the fault as audits name it, `how` what Maru does. `effect` holds unless the programme says otherwise;
    `choices` are the effects that a programme may choose."""

    code: str
    what: Any
    how: Any
    effect: str = "block"
    choices: tuple[str, ...] = ("block",)


_LOUD = ("block", "flag")

FINDINGS: tuple[AuditFinding, ...] = (
    AuditFinding(
        "photo_reused",
        lazy_gettext("같은 사진을 여러 해, 여러 사업의 증빙으로 냄"),
        lazy_gettext("파일의 내용을 먼저 낸 모든 파일과 견줍니다. 다시 저장한 사진은 ‘비슷한 사진’에서 살핍니다."),
        choices=_LOUD,
    ),
    AuditFinding(
        "expense_repeated",
        lazy_gettext("같은 영수증을 두 번 정산함"),
        lazy_gettext("날짜, 거래처, 금액이 같은 지출을 찾아냅니다."),
        choices=_LOUD,
    ),
    AuditFinding(
        "spent_before_agreement",
        lazy_gettext("승인 전에 사업을 시작하고 그 비용을 정산함"),
        lazy_gettext("협약 기간이 시작되기 전의 지출은 인정하지 않습니다."),
    ),
    AuditFinding(
        "spent_after_period",
        lazy_gettext("사업 기간이 끝난 뒤에 지출함"),
        lazy_gettext("협약 기간이 끝난 뒤의 지출은 인정하지 않습니다."),
    ),
    AuditFinding(
        "agreement_unsigned",
        lazy_gettext("협약을 맺기 전에 보조금을 미리 줌"),
        lazy_gettext("두 쪽이 서명하기 전에는 누구도 교부할 수 없습니다."),
    ),
    AuditFinding(
        "interim_missing",
        lazy_gettext("중간평가 없이 2차 보조금을 줌"),
        lazy_gettext("중간평가를 통과해야 다음 교부의 문이 열립니다."),
    ),
    AuditFinding(
        "evidence_missing",
        lazy_gettext("영수증 없이 정산을 승인함"),
        lazy_gettext("증빙이 없는 지출은 인정할 수 없고, 그대로는 금액을 확정할 수 없습니다."),
    ),
    AuditFinding(
        "person_behind_groups",
        lazy_gettext("한 사람이 여러 모임의 이름으로 지원받음"),
        lazy_gettext("구성원, 주소, 계좌가 겹치는 신청을 나란히 보여 주고, 같은 해 다른 공모에서도 찾습니다."),
        effect="flag",
        choices=_LOUD,
    ),
    AuditFinding(
        "ceiling_split",
        lazy_gettext("한도를 피하려고 한 사업을 둘로 나누어 신청함"),
        lazy_gettext("내용과 사람이 비슷한 신청의 금액을 같은 해 다른 공모까지 합쳐 한도와 견줍니다."),
        effect="flag",
        choices=_LOUD,
    ),
    AuditFinding(
        "applied_twice",
        lazy_gettext("같은 사업으로 여러 공모에서 두 번 지원받음"),
        lazy_gettext("같은 해 다른 공모의 신청과 사람, 계좌, 글, 파일을 견줍니다."),
        effect="flag",
        choices=_LOUD,
    ),
    AuditFinding(
        "no_quorum",
        lazy_gettext("정족수를 채우지 못한 위원회가 결정함"),
        lazy_gettext("회피한 위원을 뺀 출석으로 정족수를 셉니다. 모자라면 의결이 되지 않습니다."),
    ),
    AuditFinding(
        "member_interested",
        lazy_gettext("이해관계가 있는 위원이 심사하거나 의결함"),
        lazy_gettext("이해관계가 있는 사람은 그 신청을 볼 수도, 점수를 주거나 투표할 수도 없습니다."),
    ),
    AuditFinding(
        "return_overdue",
        lazy_gettext("반납금을 내지 않은 모임을 다시 지원함"),
        lazy_gettext("기한을 넘긴 반납금은 사람을 따라갑니다. 새 모임으로 신청해도 선정도 교부도 되지 않습니다."),
    ),
    AuditFinding(
        "sanctioned",
        lazy_gettext("참여 제한 중인 모임이나 사람을 지원함"),
        lazy_gettext("제한은 사람을 따라갑니다. 새 모임으로 신청해도 막습니다."),
    ),
    AuditFinding(
        "same_person_approves",
        lazy_gettext("한 사람이 교부를 준비하고 승인까지 함"),
        lazy_gettext("교부는 두 사람의 손을 거쳐야 합니다."),
    ),
)
BY_CODE: Mapping[str, AuditFinding] = {each.code: each for each in FINDINGS}


def effect_of(code: str, chosen: Mapping[str, str]) -> str:
    """What a finding does under a programme's choices: block, flag or off. A choice that the finding does not leave
    open counts for nothing."""
    finding = BY_CODE[code]
    wanted = chosen.get(code, finding.effect)
    return wanted if wanted in finding.choices else finding.effect
