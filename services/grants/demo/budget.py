"""The city's printed budget of 2020 for the demonstration: 22 programme lines and the totals of their four divisions.

Thousand won: budget, commitment and expenditure at the end of September. A division's total also holds lines that were
not printed; the difference is its general operating cost (일반운영비).
"""

from typing import NamedTuple

YEAR = 2020
OPERATING = "일반운영비"


class Printed(NamedTuple):
    """Thousand won."""

    budget: int
    commitment: int
    expenditure: int


LINES: dict[str, dict[str, Printed]] = {
    "서울민주주의담당관": {
        "서울민주주의위원회 운영 (시민회의 운영)": Printed(401_400, 392_000, 200_500),
        "함께서울 정책박람회 개최": Printed(293_000, 277_600, 142_800),
        "시민제안 발굴 및 실행": Printed(1_116_284, 1_014_384, 735_732),
        "민주주의 서울 플랫폼 운영 관리": Printed(217_615, 197_210, 83_269),
        "민주시민교육 추진": Printed(779_291, 659_782, 634_119),
        "서울민주주의위원회 운영 (서울민주주의위원회 운영)": Printed(88_600, 24_661, 24_661),
    },
    "시민숙의예산담당관": {
        "시민숙의예산 운영": Printed(732_110, 619_436, 619_436),
        "시민참여예산 운영": Printed(703_400, 691_496, 572_956),
    },
    "서울협치담당관": {
        "민관협치 체계구축 및 활성화 지원": Printed(327_920, 214_440, 167_507),
        "협치역량평가 운영": Printed(110_000, 10_000, 10_000),
        "시민참여예산 광역협치형 사업 운영": Printed(103_000, 88_794, 88_794),
        "지역협치 활성화": Printed(1_256_897, 934_583, 914_842),
        "지역사회혁신계획(구단위계획형) 지원": Printed(19_000_000, 19_000_000, 19_000_000),
        "서울시 NPO지원센터 운영": Printed(2_403_144, 2_096_503, 2_096_503),
        "서울시 권역 NPO지원센터 조성 및 운영": Printed(1_691_062, 1_165_304, 1_165_304),
        "비영리민간단체 공익활동 등 지원": Printed(2_416_000, 2_162_680, 2_162_680),
    },
    "지역공동체담당관": {
        "커뮤니티 공간 운영지원": Printed(8_691_479, 6_375_874, 6_033_909),
        "자치구 마을생태계 조성": Printed(9_800_000, 9_706_487, 9_706_487),
        "서울형 주민자치 활동지원 사업": Printed(3_542_685, 3_527_503, 3_527_503),
        "동단위 계획형 시민참여예산": Printed(3_509_142, 3_509_142, 3_509_142),
        "마을공동체 활동지원(로컬랩)": Printed(450_000, 436_870, 408_270),
        "마을공동체 종합지원센터 운영": Printed(5_196_358, 4_304_015, 4_304_015),
    },
}

TOTALS: dict[str, Printed] = {
    "서울민주주의담당관": Printed(3_201_405, 2_777_777, 2_032_221),
    "시민숙의예산담당관": Printed(1_683_337, 1_518_795, 1_353_691),
    "서울협치담당관": Printed(27_358_755, 25_710_972, 25_644_298),
    "지역공동체담당관": Printed(31_628_256, 28_229_749, 27_781_763),
}


def all_lines() -> list[tuple[str, str, Printed]]:
    """(division, programme, figures in won) in the printed order, each division's operating cost behind its lines."""
    found = []
    for division, lines in LINES.items():
        sums = [sum(column) for column in zip(*lines.values(), strict=True)]
        rest = (whole - part for whole, part in zip(TOTALS[division], sums, strict=True))
        for programme, printed in (*lines.items(), (OPERATING, Printed(*rest))):
            found.append((division, programme, Printed(*(1000 * figure for figure in printed))))
    return found
