"""Tables of the catalogue: categories, products, and what each product's price was."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra import server_side
from o2o.infra.db import Base, BigInt


class CategoryRow(Base):
    """A shelf of the shop as customers see it."""

    __tablename__ = "categories"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    picture: Mapped[str] = mapped_column(default="")
    rank: Mapped[int] = mapped_column(default=0)


class ProductRow(Base):
    """One product. `found_by` is the folded text that searches look into."""

    __tablename__ = "products"

    sku: Mapped[str] = mapped_column(primary_key=True)
    barcode: Mapped[str | None] = mapped_column(unique=True)
    item_number: Mapped[str | None] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    category: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    unit: Mapped[str]
    price_fen: Mapped[BigInt]
    weighed: Mapped[bool]
    weight_g: Mapped[int]
    volume_ml: Mapped[int] = mapped_column(server_default=text("0"))
    temperature: Mapped[str] = mapped_column(server_default="ambient")
    age_checked: Mapped[bool] = mapped_column(server_default=text("false"))
    picture: Mapped[str]
    active: Mapped[bool]
    substitutes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    found_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("price_fen >= 0", name="price"),
        CheckConstraint("weight_g >= 0", name="weight"),
        CheckConstraint("volume_ml >= 0", name="volume"),
        CheckConstraint("temperature IN ('ambient', 'chilled', 'frozen')", name="temperature"),
        CheckConstraint("unit IN ('piece', 'kg')", name="unit"),
        CheckConstraint("weighed = (unit = 'kg')", name="weighed"),
        Index("ix_products_shelf", "category", "sku", postgresql_where="active"),
    )


class PriceChangeRow(Base):
    """Append-only: what a product cost from `at` on."""

    __tablename__ = "price_changes"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("products.sku"), index=True)
    price_fen: Mapped[BigInt]
    at: Mapped[datetime]


server_side.keeps("o2o.catalogue", table=ProductRow.__tablename__)
