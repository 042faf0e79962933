"""Why a job was not given to a rider, or to anybody: codes people can read, in both languages."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """A verdict on (rider, job), or on a job that waits. The value is stable; `TEXTS` words it."""

    NO_RIDERS = "no_riders"
    DECLINED = "declined"
    RESERVED = "reserved"
    HELD_BY_OTHER = "held_by_other"
    TRIP_LOCKED = "trip_locked"
    SKILL_MISSING = "skill_missing"
    ZONE_NOT_ALLOWED = "zone_not_allowed"
    TOO_HEAVY = "too_heavy"
    TOO_BULKY = "too_bulky"
    NO_BOX_FREE = "no_box_free"
    HANDS_FULL = "hands_full"
    STOP_LIMIT = "stop_limit"
    UNREACHABLE = "unreachable"
    SHIFT_ENDS = "shift_ends"
    PICKUP_TOO_LATE = "pickup_too_late"
    WINDOW_MISSED = "window_missed"
    RIDE_TOO_LONG = "ride_too_long"
    BREAK_DUE = "break_due"
    STORES_MIXED = "stores_mixed"
    LOADING_ORDER = "loading_order"
    HELD_ON_PURPOSE = "held_on_purpose"
    ALL_BETTER_USED = "all_better_used"
    WORK_LIMIT = "work_limit"
    FITS = "fits"


TEXTS: dict[Reason, tuple[str, str]] = {
    Reason.NO_RIDERS: ("没有在线骑手", "no rider is online"),
    Reason.DECLINED: ("骑手已拒单", "the rider declined it"),
    Reason.RESERVED: ("已指定其他骑手", "a dispatcher chose another rider"),
    Reason.HELD_BY_OTHER: ("已由其他骑手承接", "another rider has it"),
    Reason.TRIP_LOCKED: ("行程已锁定", "the rider's trip is locked"),
    Reason.SKILL_MISSING: ("骑手缺少所需技能", "the rider lacks a needed skill"),
    Reason.ZONE_NOT_ALLOWED: ("超出骑手可配送范围", "outside the rider's zones"),
    Reason.TOO_HEAVY: ("超出载重", "too heavy for what is left of the load"),
    Reason.TOO_BULKY: ("超出容积", "too bulky for what is left of the space"),
    Reason.NO_BOX_FREE: ("保温箱不足", "no insulated box free"),
    Reason.HANDS_FULL: ("同时携带单数已达上限", "carries as many jobs as allowed"),
    Reason.STOP_LIMIT: ("这趟行程不能再加站点", "no more stops may be added to this trip"),
    Reason.UNREACHABLE: ("取送两处之间没有可走的路", "there is no way between two places"),
    Reason.SHIFT_ENDS: ("班次结束前无法完成", "cannot be finished before the shift ends"),
    Reason.PICKUP_TOO_LATE: ("赶不上骑手的最晚取货时间", "would be picked up after the rider's last pick-up time"),
    Reason.WINDOW_MISSED: ("无法在最晚送达时间前送达", "would arrive after the latest time allowed"),
    Reason.RIDE_TOO_LONG: ("在途时间过长", "would be on the vehicle too long"),
    Reason.BREAK_DUE: ("与骑手休息冲突", "the rider's break would be missed"),
    Reason.STORES_MIXED: ("不同门店的货不能混装", "goods of different stores may not be mixed"),
    Reason.LOADING_ORDER: (
        "先装的货会压在里面，按这个顺序取不出",
        "its goods would lie behind others: last in is first out",
    ),
    Reason.HELD_ON_PURPOSE: ("还没到可取货的时间", "not to be picked up yet"),
    Reason.ALL_BETTER_USED: ("能送的骑手本轮先送其他单", "riders who could take it carry other orders first"),
    Reason.WORK_LIMIT: ("本轮待派单太多，留到下一轮", "too many orders wait for one round: left to the next"),
    Reason.FITS: ("可承接", "fits"),
}

ORDER: tuple[Reason, ...] = tuple(Reason)
CODE: dict[Reason, int] = {reason: number for number, reason in enumerate(ORDER)}


def text(reason: Reason, language: str) -> str:
    """The reason in words; `language` "zh" or anything else for English."""
    return TEXTS[reason][0 if language.startswith("zh") else 1]
