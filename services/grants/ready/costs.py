"""The cost categories (보조비목) and items (보조세목) of ready-made programmes."""

from __future__ import annotations

from services.grants.ready.common import w
from services.grants.rules.definition import CostCategory, CostItem


def item(key: str, ko: str, en: str, ceiling_won: int | None = None, ceiling_percent: int | None = None) -> CostItem:
    return CostItem(key, w(ko, en), ceiling_won, ceiling_percent)


CATEGORIES = (
    CostCategory(
        "people",
        w("인건비", "People"),
        (
            item("instructor", "강사비", "Instructors", 300_000),
            item("helper", "활동 사례비", "Helpers", 100_000),
        ),
        ceiling_percent=30,
    ),
    CostCategory(
        "running",
        w("운영비", "Running costs"),
        (
            item("venue", "장소 사용료", "Venue", 500_000),
            item("printing", "인쇄·홍보비", "Printing and publicity", 1_000_000),
            item("insurance", "보험료", "Insurance", 500_000),
        ),
    ),
    CostCategory(
        "activity",
        w("활동비", "Activities"),
        (
            item("materials", "재료비", "Materials", 1_000_000),
            item("refreshments", "다과비", "Refreshments", 200_000, 10),
            item("travel", "교통비", "Travel", 500_000),
        ),
    ),
    CostCategory(
        "assets",
        w("자산취득비", "Equipment"),
        (item("equipment", "비품 구입", "Equipment", 500_000),),
        ceiling_percent=20,
    ),
)

ORGANISATION = (
    CostCategory(
        "people",
        w("인건비", "People"),
        (
            item("instructor", "강사비", "Instructors", 500_000),
            item("assistant", "단기 인력비", "Short-term staff", 1_200_000),
        ),
        ceiling_percent=30,
    ),
    CostCategory(
        "running",
        w("운영비", "Running costs"),
        (
            item("venue", "장소 사용료", "Venue", 1_500_000),
            item("printing", "인쇄·홍보비", "Printing and publicity", 3_000_000),
            item("insurance", "보험료", "Insurance", 1_000_000),
            item("evaluation", "평가·회계검사비", "Evaluation and audit", 2_000_000, 10),
        ),
    ),
    CostCategory(
        "activity",
        w("활동비", "Activities"),
        (
            item("materials", "재료비", "Materials", 3_000_000),
            item("meeting", "회의·다과비", "Meetings and refreshments", 300_000, 5),
            item("travel", "여비", "Travel", 1_000_000),
        ),
    ),
)
"""Of registered organisations: staff for a time is theirs to pay, equipment is not."""

PLAN = (
    CostCategory(
        "activity",
        w("사업비", "Activities"),
        (
            item("materials", "재료비", "Materials", 3_000_000),
            item("service", "용역비", "Services", 10_000_000),
            item("instructor", "강사비", "Instructors", 300_000),
        ),
    ),
    CostCategory(
        "running",
        w("운영비", "Running costs"),
        (
            item("printing", "인쇄·홍보비", "Printing and publicity", 2_000_000),
            item("venue", "장소 사용료", "Venue", 1_000_000),
            item("refreshments", "다과비", "Refreshments", 200_000, 10),
        ),
        ceiling_percent=40,
    ),
    CostCategory(
        "works",
        w("시설비", "Works"),
        (item("repair", "시설 정비", "Repairs", 10_000_000), item("equipment", "비품 구입", "Equipment", 3_000_000)),
        ceiling_percent=50,
    ),
)
"""Of plans that a dong or a district decided on: small works are part of them."""

SPACE = (
    CostCategory(
        "works",
        w("시설비", "Works"),
        (
            item("design", "설계비", "Design", 10_000_000, 15),
            item("construction", "공사비", "Construction", 70_000_000),
            item("safety", "안전·소방 설비", "Fire and safety", 10_000_000),
        ),
        ceiling_percent=80,
    ),
    CostCategory(
        "assets",
        w("자산취득비", "Equipment"),
        (item("furniture", "가구", "Furniture", 5_000_000), item("equipment", "비품 구입", "Equipment", 5_000_000)),
        ceiling_percent=30,
    ),
    CostCategory(
        "running",
        w("운영비", "Running costs"),
        (
            item("utilities", "공공요금", "Utilities", 1_000_000),
            item("insurance", "보험료", "Insurance", 2_000_000),
            item("programme", "주민 프로그램", "Programmes for residents", 2_000_000),
        ),
        ceiling_percent=30,
    ),
)
"""Of a space that is made or kept: works first, then what stands in it."""
