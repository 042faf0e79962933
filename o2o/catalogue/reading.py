"""Reads a product list from CSV bytes: every line becomes a product or a refusal that says which line, which column, and why. Pure.

Takes UTF-8 (with or without a mark), UTF-16 with a mark, and GB18030, as spreadsheets here write them; comma, semicolon or tab;
Chinese or English column names. A cell that a spreadsheet would run as a formula is refused, never stored.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from o2o.catalogue import barcodes
from o2o.catalogue.goods import SKU, ProductIn
from o2o.kit.errors import Invalid
from o2o.kit.money import FEN_MAX

MOST_BYTES = 64 * 1024 * 1024
MOST_CELL = 10_000
COLUMNS = {
    "sku": ("sku", "code", "商品编码", "编码", "货号"),
    "barcode": ("barcode", "ean13", "ean", "gtin", "upc", "条码", "商品条码", "国条码"),
    "item_number": ("item_number", "plu", "称重码", "电子秤码"),
    "name_zh": ("name_zh", "name", "商品名称", "名称", "品名"),
    "name_en": ("name_en", "english_name", "英文名", "英文名称"),
    "category": ("category", "类目", "分类", "品类"),
    "price_fen": ("price_fen", "价格(分)", "价格（分）"),
    "price": ("price", "price_yuan", "零售价", "售价", "价格", "单价"),
    "weighed": ("weighed", "称重", "是否称重"),
    "weight_g": ("weight_g", "weight", "重量(克)", "净含量(克)", "重量（克）"),
    "volume_ml": ("volume_ml", "volume", "体积(毫升)", "体积（毫升）"),
    "temperature": ("temperature", "温层", "储存温层"),
    "age_checked": ("age_checked", "限成人", "成人商品"),
    "picture": ("picture", "图片"),
    "substitutes": ("substitutes", "替代品"),
}
TEMPERATURES = {
    "ambient": ("", "ambient", "常温"),
    "chilled": ("chilled", "冷藏"),
    "frozen": ("frozen", "冷冻"),
}
REASONS = {
    "encoding": ("文字编码无法识别", "the text is in no encoding we know"),
    "control": ("含有不可见的控制字符", "holds control characters"),
    "columns": ("列数与表头不一致", "has more or fewer cells than the header"),
    "too_long": ("内容过长", "is too long"),
    "formula": ("以 = + - @ 开头，会被表格软件当作公式执行", "begins like a spreadsheet formula (= + - @)"),
    "missing": ("缺少内容", "is missing"),
    "sku": ("编码只能用字母、数字和 . _ : -，最长 64 位", "letters, digits and . _ : - only, at most 64"),
    "barcode": ("不是 8、12、13 或 14 位数字", "is not 8, 12, 13 or 14 digits"),
    "check_digit": ("条码校验位错误", "the check digit is wrong"),
    "store_code": ("20-29 开头的店内码不能作为商品条码，请填称重码", "a 20-29 in-store code names no product; give its item number"),
    "price": ("价格必须是 0 以上、最多两位小数的金额", "a price is an amount of at least 0 with at most two decimals"),
    "price_fen": ("价格（分）必须是 0 以上的整数", "fen are a whole number of at least 0"),
    "item_number": ("称重码是 5 位数字，仅用于称重商品", "an item number is 5 digits, for weighed goods"),
    "weighed": ("称重请填 是/否、true/false 或 1/0", "say yes/no, true/false or 1/0"),
    "weight_g": ("重量必须是 0 到 1000000 的整数克；称重商品须大于 0", "whole grams up to 1,000,000, above 0 for weighed goods"),
    "volume_ml": ("体积必须是 0 到 2000000 的整数毫升", "whole millilitres up to 2,000,000"),
    "temperature": ("温层请填 常温/冷藏/冷冻", "say ambient, chilled or frozen"),
    "age_checked": ("限成人请填 是/否、true/false 或 1/0", "say yes/no, true/false or 1/0"),
    "substitutes": ("替代品用空格分隔编码，最多 20 个", "SKUs apart by spaces, at most 20"),
    "duplicate": ("与前面的行重复", "repeats an earlier line"),
    "taken": ("已被库中另一商品使用", "belongs to another product already"),
}  # fmt: skip


class NotAProductList(Invalid):
    """The file is not a product list: it needs a header line with at least a name. 文件不是商品表：首行须为表头，至少有名称列。"""

    code = "catalogue.not_a_product_list"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not taken: its number in the file (the header is 1), the column, a reason's code and what stood there."""

    line: int
    column: str
    reason: str
    found: str

    def told(self) -> str:
        """One line for people, Chinese first."""
        zh, en = REASONS[self.reason]
        shown = f"「{self.found}」" if self.found else ""
        return f"第 {self.line} 行 {self.column}{shown}：{zh} / line {self.line}, {self.column}: {en}"


@dataclass(frozen=True, slots=True)
class Defaults:
    """What stands in for columns a list does not have. Without `price_fen` a line without a price is refused."""

    category: str = "imported"
    price_fen: int | None = None


@dataclass(slots=True)
class Reading:
    """Products with the line each came from, and the lines refused."""

    products: list[tuple[int, ProductIn]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


class _Bad(Exception):
    def __init__(self, column: str, reason: str, found: str = "") -> None:
        super().__init__(reason)
        self.column, self.reason, self.found = column, reason, found


def read(content: bytes, defaults: Defaults | None = None) -> Reading:
    """Every line of the list judged by itself; a repeated SKU, barcode or item number refuses the later line.

    Raises:
        NotAProductList: too large, empty, binary, or without a header we know.
    """
    if len(content) > MOST_BYTES:
        raise NotAProductList(field="file", bytes=len(content), most=MOST_BYTES)
    text = _decoded(content)
    rows = _rows(text)
    header, columns = next(rows, (0, []))
    known = {name.strip().casefold(): column for column, names in COLUMNS.items() for name in names}
    meant = [known.get(name.strip().lstrip("\ufeff").casefold(), "") for name in columns]
    if header == 0 or "name_zh" not in meant or not {"sku", "barcode"} & set(meant):
        raise NotAProductList(field="file", header=",".join(columns)[:200])
    reading = Reading()
    seen: dict[tuple[str, str], int] = {}
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        try:
            product = _product(_cells(meant, cells), defaults or Defaults())
            _refuse_repeats(product, seen, line)
        except _Bad as bad:
            reading.refused.append(Refusal(line, bad.column, bad.reason, _shown(bad.found)))
        else:
            reading.products.append((line, product))
    return reading


def _decoded(content: bytes) -> str:
    """The text. Where nearly all lines are UTF-8 the few that are not keep their odd bytes as surrogates and are refused singly."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if content[:4096].count(0) * 50 > len(content[:4096]):
        raise NotAProductList(field="file", found="binary")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    lines = content.split(b"\n")
    bad = sum(1 for line in lines if not _is_utf8(line))
    if bad * 20 > len(lines):
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return content.decode("utf-8-sig", errors="surrogateescape")


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # a cell beyond csv's own limit, or a bare carriage return
            raise NotAProductList(field="file", line=line, found=str(error)) from error
        yield line, cells


def _cells(meant: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(meant):
        raise _Bad("*", "columns", f"{len(cells)} ≠ {len(meant)}")
    found = {column: cell.strip() for column, cell in zip(meant, cells, strict=True) if column}
    for column, cell in found.items():
        if re.search(r"[\ud800-\udfff\ufffd]", cell):
            raise _Bad(column, "encoding", cell)
        if re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", cell):
            raise _Bad(column, "control", cell)
        if len(cell) > MOST_CELL:
            raise _Bad(column, "too_long", cell)
        if cell[:1] in ("=", "+", "-", "@") and column not in ("price", "price_fen", "weight_g", "volume_ml"):
            raise _Bad(column, "formula", cell)
    return found


def _product(cells: Mapping[str, str], defaults: Defaults) -> ProductIn:
    barcode = _barcode(cells.get("barcode", ""))
    sku = cells.get("sku") or (f"GTIN-{barcode}" if barcode else "")
    if not sku:
        raise _Bad("sku", "missing")
    _code("sku", sku)
    name = cells.get("name_zh", "")
    if not name:
        raise _Bad("name", "missing")
    for column, text in (("name", name), ("name_en", cells.get("name_en", ""))):
        if len(text) > 120:
            raise _Bad(column, "too_long", text)
    weighed = _yes("weighed", cells)
    category = cells.get("category") or defaults.category
    _code("category", category)
    return ProductIn(
        sku=sku,
        barcode=barcode,
        item_number=_item_number(cells.get("item_number", ""), weighed=weighed),
        name_zh=name,
        name_en=cells.get("name_en") or name,
        category=category,
        price_fen=_price_fen(cells, defaults),
        weighed=weighed,
        weight_g=_weight_g(cells.get("weight_g", ""), weighed=weighed),
        volume_ml=_volume_ml(cells.get("volume_ml", "")),
        temperature=_temperature(cells.get("temperature", "")),
        age_checked=_yes("age_checked", cells),
        picture=cells.get("picture", "")[:200],
        substitutes=_substitutes(cells.get("substitutes", "")),
    )


def _code(column: str, text: str) -> None:
    if not SKU.fullmatch(text):
        raise _Bad(column, "sku", text)


def _barcode(text: str) -> str | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", text):
        raise _Bad("barcode", "barcode", text)
    try:
        code = barcodes.normal(text)
    except barcodes.BadBarcode:
        raise _Bad("barcode", "check_digit", text) from None
    if barcodes.label(code) is not None:
        raise _Bad("barcode", "store_code", text)
    return code


def _item_number(text: str, *, weighed: bool) -> str | None:
    if text and not (weighed and re.fullmatch(r"[0-9]{5}", text)):
        raise _Bad("item_number", "item_number", text)
    return text or None


def _price_fen(cells: Mapping[str, str], defaults: Defaults) -> int:
    """From fen, or from yuan with at most two decimals; never through a float."""
    if cells.get("price_fen"):
        fen = cells["price_fen"]
        if not re.fullmatch(r"[0-9]{1,15}", fen) or int(fen) > FEN_MAX:
            raise _Bad("price_fen", "price_fen", fen)
        return int(fen)
    text = cells.get("price", "").removeprefix("¥").removeprefix("￥").strip()
    if not text:
        if defaults.price_fen is None:
            raise _Bad("price", "missing")
        return defaults.price_fen
    try:
        yuan = Decimal(text) if re.fullmatch(r"[0-9]{1,13}(\.[0-9]{1,2})?", text) else Decimal("NaN")
        fen_of = int(yuan * 100)
    except (InvalidOperation, ValueError):
        raise _Bad("price", "price", text) from None
    if fen_of > FEN_MAX:
        raise _Bad("price", "price", text)
    return fen_of


def _weight_g(text: str, *, weighed: bool) -> int:
    if not text:
        return 500 if weighed else 0
    if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) > 1_000_000 or (weighed and int(text) == 0):
        raise _Bad("weight_g", "weight_g", text)
    return int(text)


def _volume_ml(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) > 2_000_000:
        raise _Bad("volume_ml", "volume_ml", text)
    return int(text)


def _temperature(text: str) -> str:
    for kind, names in TEMPERATURES.items():
        if text.casefold() in names:
            return kind
    raise _Bad("temperature", "temperature", text)


def _yes(column: str, cells: Mapping[str, str]) -> bool:
    text = cells.get(column, "")
    if text.casefold() in ("", "0", "false", "no", "否", "n"):
        return False
    if text.casefold() in ("1", "true", "yes", "是", "y"):
        return True
    raise _Bad(column, column, text)


def _substitutes(text: str) -> tuple[str, ...]:
    skus = tuple(text.split())
    if len(skus) > 20 or not all(SKU.fullmatch(sku) for sku in skus):
        raise _Bad("substitutes", "substitutes", text)
    return skus


def _refuse_repeats(product: ProductIn, seen: dict[tuple[str, str], int], line: int) -> None:
    keys = [(k, v) for k in ("sku", "barcode", "item_number") if (v := getattr(product, k)) is not None]
    for key in keys:
        if key in seen:
            raise _Bad(key[0], "duplicate", f"{key[1]}（第 {seen[key]} 行 / line {seen[key]}）")
    for key in keys:
        seen[key] = line


def _shown(found: str) -> str:
    """What stood there, short and harmless on a terminal."""
    plain = found.encode("utf-8", errors="replace").decode("utf-8")
    return "".join(char if char.isprintable() else "�" for char in plain)[:60]
