"""The spaces of the demonstration. Dong names are Seoul's; buildings, rooms and addresses are made up.

Among them are those of the city's October 2020 report, by district, kind and stage: eight 마을공동체형 that opened
that year (중랑 2, 도봉, 노원, 금천, 동작 2, 강남; 사당3동 held a 공감워크숍); 모두의공간 in 광진 (bought, in design),
in 성북 and 강서 (remodelled, in 공감워크숍), in 금천 and 서초 (bought, newly selected); the 거점형 of 구로 and 성북,
being built.
"""

from typing import NamedTuple


class Plan(NamedTuple):
    """One space: `layout` names its rooms (see `demo.LAYOUTS`); `this_year`: it opened in the last twelve months."""

    district: str
    dong: str
    name: str
    layout: str = "house"
    kind: str = "community"
    stage: str = "open"
    provision: str | None = None
    this_year: bool = False


PLANS = (
    # The first two are where the demonstration's journey leads, and what its space keeper runs.
    Plan("동작구", "사당3동", "사당3동 마을활력소", "house", this_year=True),
    Plan("동작구", "상도4동", "상도4동 마을활력소", "hall", this_year=True),
    Plan("중랑구", "망우본동", "망우본동 마을활력소", "house", this_year=True),
    Plan("중랑구", "면목4동", "면목4동 마을활력소", "rooms", this_year=True),
    Plan("도봉구", "방학3동", "방학3동 마을활력소", "house", this_year=True),
    Plan("노원구", "상계2동", "상계2동 마을활력소", "hall", this_year=True),
    Plan("금천구", "시흥4동", "시흥4동 마을활력소", "house", this_year=True),
    Plan("강남구", "개포4동", "개포4동 마을활력소", "rooms", this_year=True),
    Plan("광진구", "중곡4동", "모두의공간 광진", "none", "everyones", "design", "purchase"),
    Plan("성북구", "정릉3동", "모두의공간 성북", "none", "everyones", "workshop", "remodel"),
    Plan("강서구", "화곡본동", "모두의공간 강서", "none", "everyones", "workshop", "remodel"),
    Plan("금천구", "독산1동", "모두의공간 금천", "none", "everyones", "selected", "purchase"),
    Plan("서초구", "방배2동", "모두의공간 서초", "none", "everyones", "selected", "purchase"),
    Plan("구로구", "구로4동", "거점형 마을활력소 구로", "none", "hub", "construction"),
    Plan("성북구", "길음1동", "거점형 마을활력소 성북", "none", "hub", "construction"),
    # Ours.
    Plan("종로구", "창신2동", "창신 골목사랑방", "house"),
    Plan("종로구", "혜화동", "혜화 이웃마루", "library"),
    Plan("중구", "신당5동", "신당 나눔터", "kitchen"),
    Plan("중구", "필동", "필동 마을회관 다온", "rooms"),
    Plan("용산구", "해방촌", "해방촌 언덕마루", "house"),
    Plan("용산구", "보광동", "보광 이음터", "none", stage="budgeted"),
    Plan("성동구", "성수1가1동", "성수 함께공방", "studio"),
    Plan("성동구", "금호2·3가동", "금호 언덕배기 사랑방", "rooms"),
    Plan("성동구", "마장동", "마장 주민센터 대강당", "hall", "public_facility"),
    Plan("광진구", "자양3동", "자양 강변마루", "house"),
    Plan("광진구", "구의2동", "구의 작은나루", "library"),
    Plan("동대문구", "이문1동", "이문 열린부엌", "kitchen"),
    Plan("동대문구", "전농2동", "전농 어울림터", "hall"),
    Plan("중랑구", "신내2동", "신내 봉화마루", "library"),
    Plan("성북구", "삼선동", "삼선 성곽마루", "house"),
    Plan("강북구", "수유3동", "수유 빨래골 사랑방", "rooms"),
    Plan("강북구", "미아동", "미아 솔샘터", "house"),
    Plan("도봉구", "창1동", "창동 너른마당", "hall", "public_facility"),
    Plan("도봉구", "도봉2동", "도봉 무수골 쉼터", "kitchen"),
    Plan("노원구", "공릉2동", "공릉 철길마루", "studio"),
    Plan("노원구", "중계4동", "중계 불암마루", "none", stage="workshop"),
    Plan("은평구", "응암3동", "응암 산골마을방", "house"),
    Plan("은평구", "불광2동", "불광 물푸레마루", "studio"),
    Plan("은평구", "갈현1동", "갈현 동네배움터", "library", "public_facility"),
    Plan("서대문구", "홍은2동", "홍은 포방터 사랑방", "rooms"),
    Plan("서대문구", "천연동", "천연 옥상마당", "kitchen"),
    Plan("마포구", "성산1동", "성산 마을극장 두레", "hall"),
    Plan("마포구", "망원1동", "망원 강가책방", "library"),
    Plan("양천구", "신월3동", "신월 하늘마루", "house"),
    Plan("양천구", "목4동", "목동 깨비부엌", "kitchen"),
    Plan("강서구", "가양3동", "가양 한강방", "rooms"),
    Plan("강서구", "방화2동", "방화 개화마루", "house"),
    Plan("구로구", "개봉3동", "개봉 매봉사랑방", "house"),
    Plan("구로구", "오류2동", "오류 항동철길 쉼터", "studio"),
    Plan("금천구", "가산동", "가산 일꾼마루", "rooms", "public_facility"),
    Plan("영등포구", "문래동", "문래 쇳소리공방", "studio"),
    Plan("영등포구", "대림2동", "대림 무지개부엌", "kitchen"),
    Plan("동작구", "대방동", "대방 용마루", "library"),
    Plan("동작구", "흑석동", "흑석 서달마루", "none", stage="construction"),
    Plan("관악구", "신림동", "신림 고시촌 쉼표", "studio"),
    Plan("관악구", "삼성동", "삼성동 밤골사랑방", "house"),
    Plan("서초구", "양재1동", "양재 말죽거리마루", "rooms"),
    Plan("서초구", "반포4동", "반포 서래마당", "hall", "public_facility"),
    Plan("강남구", "수서동", "수서 대모마루", "house"),
    Plan("송파구", "마천1동", "마천 성내사랑방", "house"),
    Plan("송파구", "석촌동", "석촌 호수방", "none", stage="design"),
    Plan("강동구", "암사1동", "암사 움집마루", "house"),
    Plan("강동구", "천호2동", "천호 로데오 연습실", "studio"),
    Plan("강동구", "성내1동", "옛 성내 사랑방", "rooms", stage="retired"),
)
