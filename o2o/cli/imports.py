"""`o2o city import` and `o2o catalogue import`: real data from files, all of it or none."""

from pathlib import Path
from typing import Annotated

import typer

from o2o.cli import ground
from o2o.cli.telling import Steps, say
from o2o.infra import migrating
from o2o.infra.settings import settings
from o2o.kit.clock import utc_now

city = typer.Typer(no_args_is_help=True, help="城市：门店、道路、地图 / stores, roads and base map of a city")
catalogue = typer.Typer(no_args_is_help=True, help="商品：从表格导入 / products, from a table")


@city.command("import")
def import_city(
    file: Annotated[
        Path, typer.Argument(help="OpenStreetMap 数据 / an extract, .osm.pbf", dir_okay=False, exists=True)
    ],
    *,
    name: Annotated[str | None, typer.Option(help="城市名 / its name")] = None,
    most_stores: Annotated[int, typer.Option(help="门店上限 / at most so many stores", min=1, max=1_000)] = 12,
    timezone: Annotated[str, typer.Option(help="时区 / time zone")] = "Asia/Shanghai",
) -> None:
    """导入一座城市；文件有问题则什么都不改变 / Import a city; a file of no use changes nothing."""
    from o2o.city import importing

    steps = Steps(importing.STEPS)
    with ground.engines_for(settings()) as chosen:
        migrating.upgrade(str(chosen.database_url))
        with ground.transaction_on(chosen) as db:
            done = importing.import_city(
                db,
                file,
                data_dir=chosen.data_dir,
                now=utc_now(),
                progress=steps.step,
                name=name,
                most_stores=most_stores,
                timezone=timezone,
            )
    say(
        f"{done.name}：{len(done.store_ids)} 家门店（地图上有 {done.shops_found} 家食品店），{done.doors} 个收货地址 / "
        f"{len(done.store_ids)} stores of {done.shops_found} food shops on the map, {done.doors} doors"
    )


@catalogue.command("import")
def import_catalogue(
    file: Annotated[Path, typer.Argument(help="商品表 / a product list, .csv", dir_okay=False, exists=True)],
    *,
    category: Annotated[str, typer.Option(help="没有类目时用它 / where a line has none")] = "imported",
    price_fen: Annotated[
        int | None, typer.Option(help="没有价格时用它，单位分 / where a line has none, in fen")
    ] = None,
) -> None:
    """导入商品，逐行说明拒绝了什么 / Import products; every refused line is told with its reason."""
    from o2o.catalogue import importing
    from o2o.catalogue.reading import Defaults

    with ground.engines_for(settings()) as chosen:
        migrating.upgrade(str(chosen.database_url))
        with ground.transaction_on(chosen) as db:
            report = importing.import_file(db, file, now=utc_now(), defaults=Defaults(category, price_fen))
    for refusal in report.refused:
        typer.echo(refusal.told(), err=True)
    say(
        f"已导入 {report.saved} 件商品，拒绝 {len(report.refused)} 行 / {report.saved} products saved, {len(report.refused)} lines refused"
    )
