"""What messages say: made when they are read, in the reader's language, so that the same row serves page and mail.

`MESSAGES[kind]` is a title and a body; both may name the message's params, and `when`, which is made of `start`, `end`
and `zone`. A moment in `until` (ISO) is told as a local one of `zone`, or of the city.
A param that ends in `_ko` or `_en` stands under its name without that, in the reader's language; a param
`text` goes before the body. `service` is whose page `path` is, where it is not booking's. `reason` and `note`, where
there are any, get a line of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _

from services.booking.rules.interval import Interval
from services.booking.wording import day_text, during_text, moment_text, seasons
from shared.web.i18n import SEOUL
from shared.web.navigation import service_url

MESSAGES: dict[str, tuple[Any, Any]] = {
    "reservation_confirmed": (
        lazy_gettext("예약했습니다: %(unit)s"),
        lazy_gettext("%(when)s, %(space)s %(unit)s 예약이 확정되었습니다. 그때 만나요."),
    ),
    "reservation_requested": (
        lazy_gettext("예약을 신청했습니다: %(unit)s"),
        lazy_gettext(
            "%(when)s, %(space)s %(unit)s. 운영자가 살펴보고 알려 드립니다. 그동안 이 시간은 다른 사람이 예약하지 "
            "못합니다."
        ),
    ),
    "reservation_approved": (
        lazy_gettext("예약이 승인되었습니다: %(unit)s"),
        lazy_gettext("%(when)s, %(space)s %(unit)s 예약이 확정되었습니다. 그때 만나요."),
    ),
    "reservation_declined": (
        lazy_gettext("예약 신청이 받아들여지지 않았습니다: %(unit)s"),
        lazy_gettext("%(when)s, %(space)s %(unit)s. 다른 시간이나 가까운 다른 공간을 찾아 보세요."),
    ),
    "reservation_changed": (
        lazy_gettext("예약이 바뀌었습니다: %(unit)s"),
        lazy_gettext("이제 %(when)s, %(space)s %(unit)s입니다."),
    ),
    "reservation_cancelled": (
        lazy_gettext("예약이 취소되었습니다: %(unit)s"),
        lazy_gettext("%(when)s, %(space)s %(unit)s 예약이 취소되었습니다."),
    ),
    "reservation_reminder": (
        lazy_gettext("곧 만나요: %(unit)s"),
        lazy_gettext("%(when)s, %(space)s %(unit)s. 오지 못하게 되면 이웃이 쓸 수 있게 취소해 주세요."),
    ),
    "series_confirmed": (
        lazy_gettext("반복 예약을 했습니다: %(unit)s"),
        lazy_gettext("%(when)s부터 %(count)s번, %(space)s %(unit)s 예약이 확정되었습니다. 그때 만나요."),
    ),
    "series_requested": (
        lazy_gettext("반복 예약을 신청했습니다: %(unit)s"),
        lazy_gettext("%(when)s부터 %(count)s번, %(space)s %(unit)s. 운영자가 살펴보고 알려 드립니다."),
    ),
    "series_changed": (
        lazy_gettext("반복 예약이 바뀌었습니다: %(unit)s"),
        lazy_gettext("%(when)s부터 %(count)s번이 바뀌었습니다. 하나하나는 반복 예약에서 볼 수 있습니다."),
    ),
    "series_cancelled": (
        lazy_gettext("반복 예약이 취소되었습니다: %(unit)s"),
        lazy_gettext("%(when)s부터 %(count)s번, %(space)s %(unit)s 예약이 취소되었습니다."),
    ),
    "no_show": (
        lazy_gettext("오지 않아 예약이 끝났습니다: %(unit)s"),
        lazy_gettext(
            "%(when)s, %(space)s %(unit)s. 이용 확인이 없어 남은 시간을 다른 이웃에게 열었습니다. 다녀가셨거나 "
            "사정이 있었다면 알려 주세요. 운영자가 다시 살펴봅니다."
        ),
    ),
    "no_show_excused": (
        lazy_gettext("오지 않은 기록을 지웠습니다: %(unit)s"),
        lazy_gettext("%(when)s, %(space)s %(unit)s. 이제 이 기록은 세지 않습니다."),
    ),
    "no_show_upheld": (
        lazy_gettext("오지 않은 기록을 그대로 둡니다: %(unit)s"),
        lazy_gettext("%(when)s, %(space)s %(unit)s. 더 궁금한 것은 공간에 문의해 주세요."),
    ),
    "waitlist_joined": (
        lazy_gettext("대기를 신청했습니다: %(unit)s"),
        lazy_gettext("%(when)s, %(space)s %(unit)s. %(place)s번째 순서예요. 자리가 나면 바로 알려 드립니다."),
    ),
    "waitlist_offered": (
        lazy_gettext("차례가 왔습니다: %(unit)s"),
        lazy_gettext(
            "%(when)s, %(space)s %(unit)s 자리가 났습니다. %(until)s까지 이 자리를 받아 두었으니 그 전에 예약해 주세요."
            " 필요 없으면 다음 분에게 넘겨 주세요."
        ),
    ),
    "waitlist_missed": (
        lazy_gettext("차례가 다음 분에게 넘어갔습니다: %(unit)s"),
        lazy_gettext(
            "%(when)s, %(space)s %(unit)s. 받아 둔 시간 안에 답이 없어 다음 분에게 넘겼습니다. 아직 필요하면 다시 "
            "대기를 신청해 주세요."
        ),
    ),
    "waitlist_expired": (
        lazy_gettext("자리가 나지 않아 대기가 끝났습니다: %(unit)s"),
        lazy_gettext(
            "%(when)s, %(space)s %(unit)s. 시작할 때까지 자리가 나지 않았습니다. 다른 시간이나 가까운 다른 공간을 찾아 "
            "보세요."
        ),
    ),
    "reservation_lapsed": (
        lazy_gettext("답을 받지 못한 신청이 끝났습니다: %(unit)s"),
        lazy_gettext(
            "%(when)s, %(space)s %(unit)s. 시작할 때까지 승인되지 않아 신청이 끝났습니다. 죄송합니다. 다른 시간을 "
            "찾아 보세요."
        ),
    ),
    "closure_move": (lazy_gettext("휴관으로 예약을 옮겼습니다: %(unit)s"), ""),
    "closure_cancel": (lazy_gettext("휴관으로 예약을 취소했습니다: %(unit)s"), ""),
    "closure_keep": (lazy_gettext("휴관이지만 예약은 그대로입니다: %(unit)s"), ""),
    "closure_withdrawn": (
        lazy_gettext("휴관하지 않기로 했습니다: %(unit)s"),
        lazy_gettext("%(was)s에 쉬지 않기로 했습니다. 예약은 그대로입니다."),
    ),
    "closure_restored": (
        lazy_gettext("예약을 원래대로 돌렸습니다: %(unit)s"),
        lazy_gettext("휴관하지 않기로 해서 예약을 원래대로 돌렸습니다: %(was)s. 그때 만나요."),
    ),
    "closure_not_restored": (
        lazy_gettext("휴관하지 않기로 했습니다: %(unit)s"),
        lazy_gettext(
            "휴관하지 않기로 했지만 원래 예약(%(was)s)은 되돌리지 못했습니다. 지금 예약은 내 예약에서 볼 수 있습니다."
        ),
    ),
    "season_submitted": (
        lazy_gettext("정기 이용을 신청했습니다: %(season)s"),
        lazy_gettext("%(group)s 신청을 받았습니다. 마감까지 고칠 수 있고, 배정이 확정되면 알려 드립니다."),
    ),
    "season_allocated": (
        lazy_gettext("정기 이용 시간을 받았습니다: %(season)s"),
        lazy_gettext("%(group)s: 바란 %(wanted)s번 가운데 매주 %(got)s번을 받아 예약까지 마쳤습니다."),
    ),
    "season_refused": (
        lazy_gettext("정기 이용 시간을 받지 못했습니다: %(season)s"),
        lazy_gettext("%(group)s: 죄송합니다. 희망마다 이유를 적었습니다. 빈 시간은 하나씩 예약할 수 있습니다."),
    ),
    "season_cancelled": (
        lazy_gettext("정기 이용이 취소되었습니다: %(season)s"),
        lazy_gettext("%(group)s 신청은 배정하지 않습니다. 빈 시간은 하나씩 예약할 수 있습니다."),
    ),
    "lottery_entered": (
        lazy_gettext("추첨에 참가했습니다: %(lottery)s"),
        lazy_gettext(
            "%(space)s, 참가 번호 %(number)s번. 마감하면 바로 추첨해 알려 드립니다. 그 전에는 바꾸거나 취소할 수 "
            "있습니다."
        ),
    ),
    "lottery_won": (
        lazy_gettext("추첨에서 당첨되었습니다: %(unit)s"),
        lazy_gettext("%(when)s, %(space)s %(unit)s 예약이 확정되었습니다. 그때 만나요."),
    ),
    "lottery_to_confirm": (
        lazy_gettext("추첨에서 당첨되었습니다. 확인해 주세요: %(unit)s"),
        lazy_gettext(
            "%(when)s, %(space)s %(unit)s. %(until)s까지 받겠다고 확인해 주세요. 지나면 다음 순위인 분에게 넘어갑니다."
        ),
    ),
    "lottery_lost": (
        lazy_gettext("추첨 결과가 나왔습니다: %(lottery)s"),
        lazy_gettext(
            "%(space)s. 아쉽게도 %(rank)s위로 당첨되지 않았습니다. 이유는 추첨 화면에서 볼 수 있고, 앞선 분이 받지 "
            "않으면 차례가 올 수 있습니다."
        ),
    ),
    "lottery_missed": (
        lazy_gettext("당첨을 확인할 시간이 지났습니다: %(lottery)s"),
        lazy_gettext("%(space)s. 확인이 없어 다음 순위인 분에게 넘어갔습니다. 비어 있는 다른 시간을 찾아 보세요."),
    ),
    "grants_notice": ("%(subject)s", "%(body)s"),
    "lottery_cancelled": (
        lazy_gettext("추첨이 취소되었습니다: %(lottery)s"),
        lazy_gettext("%(space)s의 추첨이 취소되었습니다. 비워 두었던 시간은 다시 예약할 수 있습니다."),
    ),
}
"""Kind -> (title, body)."""


@dataclass(frozen=True)
class Worded:
    """A message in words; `path` within the pages of `service` is what it is about, if anything."""

    title: str
    lines: tuple[str, ...]
    path: str | None
    service: str = "booking"

    @property
    def address(self) -> str | None:
        """Where on this site what it is about is seen."""
        return service_url(self.service, self.path) if self.path else None


def word(kind: str, params: Mapping[str, Any]) -> Worded:
    """A message in the language of the moment. A kind that nobody knows any more is told without words."""
    known = _Facts(_local(params))
    if "start" in known and "end" in known and "zone" in known:
        known["when"] = _when(known)
    if known.get("until"):
        known["until"] = _until(known)
    title, body = MESSAGES.get(kind, (_("알림"), ""))
    lines = [str(known.get("text") or "") or str(body) % known]
    lines += seasons.message_lines(known) if kind.startswith("season_") else []
    if known.get("reason"):
        lines.append(_("이유: %(reason)s", reason=known["reason"]))
    if known.get("note"):
        lines.append(_("덧붙인 말: %(note)s", note=known["note"]))
    service = str(known.get("service") or "booking")
    return Worded(str(title) % known, tuple(line for line in lines if line), _path(known), service)


class _Facts(dict[str, Any]):
    """What a sentence names and the message does not know is left out, rather than the message."""

    def __missing__(self, key: str) -> str:
        return ""


def _local(params: Mapping[str, Any]) -> dict[str, Any]:
    ending = f"_{get_locale() or 'ko'}"
    own = {name.removesuffix(ending): value for name, value in params.items() if name.endswith(ending)}
    return {**params, **own}


def _when(params: Mapping[str, Any]) -> str:
    try:
        during = Interval(datetime.fromisoformat(params["start"]), datetime.fromisoformat(params["end"]))
        return during_text(during, ZoneInfo(params["zone"]))
    except (ValueError, TypeError, KeyError):
        return ""


def _until(params: Mapping[str, Any]) -> str:
    try:
        return until_text(datetime.fromisoformat(params["until"]), ZoneInfo(params.get("zone") or SEOUL))
    except (ValueError, TypeError, KeyError):  # told in words already
        return str(params["until"])


def _path(params: Mapping[str, Any]) -> str | None:
    if params.get("path"):
        return str(params["path"])
    if params.get("waiting_id"):
        return f"/waitlist/{params['waiting_id']}"
    if params.get("lottery_id"):
        return f"/lotteries/{params['lottery_id']}"
    for name, place in (("reservation_id", "reservations"), ("series_id", "series"), ("unit_id", "units")):
        if params.get(name):
            return f"/{place}/{params[name]}"
    return None


def told_text(moment: datetime) -> str:
    """When somebody was told something: in the city's time, whatever the space."""
    return moment_text(moment, ZoneInfo(SEOUL))


def until_text(moment: datetime, zone: ZoneInfo) -> str:
    """Until when something is kept: "11월 23일 (월) 14:30"."""
    return f"{day_text(moment.astimezone(zone).date())} {clock_text(moment, zone)}"


def clock_text(moment: datetime, zone: ZoneInfo) -> str:
    """ "13:45"."""
    return f"{moment.astimezone(zone):%H:%M}"


GLOBALS = {"told_text": told_text, "time_text": clock_text, "until_text": until_text}
"""What the templates of messages and of checking in use."""
