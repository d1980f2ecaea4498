"""What the ready-made programmes share: the course from draft to archive, the gates of payments, the reviews."""

from __future__ import annotations

from services.grants.rules.definition import (
    Criterion,
    Stage,
    State,
    TranchePlan,
    Transition,
    Words,
)

FIRST_GATES = (
    "announced",
    "agreement_signed",
    "account_known",
    "training_done",
    "self_contribution_deposited",
    "no_overdue_return",
)
SECOND_GATES = (
    "agreement_signed",
    "earlier_tranches_paid",
    "report_filed",
    "interim_passed",
    "expenses_decided",
    "no_overdue_return",
)
SEVENTY_THIRTY = (TranchePlan(percent=70, gates=FIRST_GATES), TranchePlan(percent=30, gates=SECOND_GATES))


def w(ko: str, en: str) -> Words:
    return Words(ko, en)


def states(stages: tuple[Stage, ...]) -> tuple[State, ...]:
    """The course's states with one for each review stage."""
    reviewing = w("심사 중", "Under review")
    received = w("접수됨", "Received")
    reviews = tuple(State(stage.key, "review", stage.label, reviewing, "info", stage=stage.key) for stage in stages)
    return (
        State("draft", "draft", w("작성 중", "Draft"), w("작성 중", "Draft"), "warning"),
        State("submitted", "intake", w("접수", "Received"), received),
        State(
            "correcting", "intake", w("보완 요청", "Correction asked"), w("보완 요청", "Correction asked"), "warning"
        ),
        State("eligible", "intake", w("자격 확인", "Eligible"), w("자격 확인", "Eligible")),
        State("ineligible", "rejected", w("자격 미달", "Not eligible"), w("자격 미달", "Not eligible"), "neutral"),
        *reviews,
        State("deliberation", "decision", w("심의", "Deliberation"), reviewing),
        State(
            "reserve", "decision", w("예비 선정", "Reserve"), w("예비", "On the reserve list"), embargo="deliberation"
        ),
        State("selected", "selected", w("선정", "Selected"), w("선정", "Selected"), "success", embargo="deliberation"),
        State(
            "rejected",
            "rejected",
            w("미선정", "Not selected"),
            w("미선정", "Not selected"),
            "neutral",
            embargo="deliberation",
        ),
        State("running", "running", w("사업 진행", "Running"), w("사업 진행 중", "Running"), "success"),
        State("settling", "settling", w("정산 검토", "Settlement review"), w("정산 중", "Being settled")),
        State("settled", "settling", w("금액 확정", "Amount finalised"), w("정산 완료", "Settled"), "success"),
        State("closed", "closed", w("종료", "Closed"), w("종료", "Closed"), "neutral"),
        State("archived", "closed", w("보관", "Archived"), w("종료", "Closed"), "neutral"),
        State("terminated", "settling", w("협약 해지", "Terminated"), w("협약 해지", "Terminated"), "danger"),
        State("withdrawn", "withdrawn", w("철회", "Withdrawn"), w("철회함", "Withdrawn"), "neutral"),
    )


def transitions(stages: tuple[Stage, ...]) -> tuple[Transition, ...]:
    """The course's rows, through the review stages in their order to the committee."""
    course = [stage.key for stage in stages]
    entry = course[0] if course else "deliberation"
    rows = [
        Transition(
            "submit", ("draft",), "submitted", "applicant", w("제출", "Submit"), ("intake_open", "not_sanctioned")
        ),
        Transition("withdraw", ("draft",), "withdrawn", "applicant", w("작성 그만두기", "Discard the draft")),
        Transition(
            "withdraw",
            ("submitted", "correcting", "eligible", *course, "deliberation", "reserve", "selected"),
            "withdrawn",
            "applicant",
            w("철회", "Withdraw"),
        ),
        Transition(
            "withdraw", ("rejected",), "withdrawn", "applicant", w("철회", "Withdraw"), ("before_announcement",)
        ),
        Transition(
            "request_correction",
            ("submitted", "eligible", "correcting"),
            "correcting",
            "staff",
            w("보완 요청", "Ask for a correction"),
        ),
        Transition(
            "correct",
            ("correcting",),
            "submitted",
            "applicant",
            w("보완 제출", "File the correction"),
            ("correction_in_time",),
        ),
        Transition("accept", ("submitted",), "eligible", "staff", w("자격 확인", "Confirm eligibility")),
        Transition(
            "refuse", ("submitted", "correcting", "eligible"), "ineligible", "staff", w("자격 미달", "Not eligible")
        ),
        Transition("advance", ("eligible",), entry, "staff", w("심사 시작", "Start the review"), ("intake_over",)),
    ]
    for here, following in zip(course, [*course[1:], "deliberation"], strict=True):
        label = (
            w("심의에 올리기", "Bring to the committee")
            if following == "deliberation"
            else w("다음 심사로", "Next stage")
        )
        rows.append(Transition("advance", (here,), following, "staff", label, ("reviews_in",)))
        rows.append(Transition("reject", (here,), "rejected", "staff", w("심사 탈락", "Not passed"), ("reviews_in",)))
    rows += [
        Transition(
            "select",
            ("deliberation", "reserve"),
            "selected",
            "staff",
            w("선정", "Select"),
            ("committee_decided", "no_overdue_return", "not_sanctioned"),
        ),
        Transition(
            "reserve", ("deliberation",), "reserve", "staff", w("예비 선정", "Put in reserve"), ("committee_decided",)
        ),
        Transition(
            "reject",
            ("deliberation", "reserve"),
            "rejected",
            "staff",
            w("미선정", "Not select"),
            ("committee_decided",),
        ),
        Transition(
            "reconsider",
            ("rejected", "reserve", "selected"),
            "deliberation",
            "staff",
            w("다시 심의하기", "Deliberate again"),
        ),
        # Nobody has reviewed it yet: it takes the whole way that the others took.
        Transition(
            "reconsider", ("ineligible",), "eligible", "staff", w("자격을 인정하고 심사하기", "Accept and review")
        ),
        Transition(
            "agree", ("selected",), "running", "staff", w("협약 체결", "Conclude"), ("announced", "agreement_signed")
        ),
        Transition(
            "file_settlement",
            ("running",),
            "settling",
            "applicant",
            w("정산 보고", "File the settlement"),
            ("no_open_change", "tranches_settled"),
        ),
        Transition("send_back", ("settling",), "running", "staff", w("정산 보완 요청", "Send the settlement back")),
        Transition(
            "finalize",
            ("settling",),
            "settled",
            "staff",
            w("금액 확정", "Finalise the amount"),
            ("settlement_filed", "expenses_decided", "receipts_there"),
        ),
        Transition("terminate", ("running", "selected"), "terminated", "staff", w("협약 해지", "Terminate")),
        Transition("close", ("settled", "terminated"), "closed", "staff", w("종료", "Close"), ("returns_paid",)),
        Transition("archive", ("closed",), "archived", "staff", w("보관", "Archive")),
    ]
    return tuple(rows)


def criterion(key: str, ko: str, en: str, most: int, hint_ko: str = "", hint_en: str = "") -> Criterion:
    return Criterion(key, w(ko, en), w(hint_ko, hint_en), most)


RUBRIC = (
    criterion("need", "필요성", "Need", 20, "이 마을에 왜 필요한가", "Why this neighbourhood needs it"),
    criterion(
        "plan", "계획의 구체성", "Soundness of the plan", 30, "누가 언제 무엇을 하는가", "Who does what, and when"
    ),
    criterion(
        "people", "주민 참여", "Residents taking part", 30, "이웃이 얼마나 함께하는가", "How many neighbours join in"
    ),
    criterion(
        "budget", "예산의 적정성", "Soundness of the budget", 20, "쓰임과 금액이 맞는가", "Amounts fit their purpose"
    ),
)
PLAN_RUBRIC = (
    criterion(
        "agreement", "주민의 뜻", "What residents want", 40, "주민총회에서 어떻게 정했나", "How the assembly decided"
    ),
    criterion("public", "공공성", "Public good", 30, "동네 모두에게 도움이 되는가", "Does it serve the whole area"),
    criterion("plan", "실행 가능성", "Feasibility", 20, "올해 안에 할 수 있는가", "Can it be done within the year"),
    criterion(
        "budget", "예산의 적정성", "Soundness of the budget", 10, "쓰임과 금액이 맞는가", "Amounts fit their purpose"
    ),
)
DOCUMENT_REVIEW = Stage("document_review", w("서류심사", "Document review"), 3, 10, RUBRIC, pass_tenths=600)
INTERVIEW_REVIEW = Stage("interview_review", w("면접심사", "Interview"), 3, 7, RUBRIC, pass_tenths=600)
SITE_REVIEW = Stage("site_review", w("현장심사", "Site visit"), 2, 14, RUBRIC, pass_tenths=600)
