"""Invented names and phones of demo people, drawn from a seed."""

import random

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN = (
    "伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "明", "超", "霞", "平", "刚", "桂英", "秀兰",
    "建国", "海燕", "晓东", "雨桐", "子涵", "浩然", "欣怡", "梓萱", "宇轩", "思远", "佳怡", "嘉豪", "文博", "雪梅", "立军", "春华",
)  # fmt: skip


def person(dice: random.Random) -> str:
    """A surname and a given name."""
    return dice.choice(SURNAMES) + dice.choice(GIVEN)


def phone(nth: int) -> str:
    """The E.164 number of the nth demo customer."""
    return f"+861990000{nth:04d}"
