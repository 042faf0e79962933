"""`o2o zones`: where stores deliver, from files and to files, on the present roads, and who is left out."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from o2o.cli import ground
from o2o.cli.telling import Stopped, say
from o2o.geo.datum import Datum
from o2o.infra.settings import settings
from o2o.kit.clock import utc_now
from o2o.stores.zone_files.formats import Format

zones = typer.Typer(
    no_args_is_help=True, help="配送范围：导入、导出、覆盖报告 / service zones: in, out, and who is left out"
)

FormatOption = Annotated[
    Format | None, typer.Option("--format", help="geojson, gpkg, shp（zip）；默认看后缀 / by the suffix when left out")
]
DatumOption = Annotated[Datum, typer.Option(help="坐标系 / what the corners refer to")]
SUFFIXES = {".geojson": Format.GEOJSON, ".json": Format.GEOJSON, ".gpkg": Format.GPKG, ".zip": Format.SHP}


def _kind(path: Path, chosen: Format | None) -> Format:
    kind = chosen or SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise Stopped(f"看不出 {path.name} 的格式，请用 --format / cannot tell the format of {path.name}: say --format")
    return kind


@zones.command("import")
def import_zones(
    file: Annotated[Path, typer.Argument(help="GeoJSON, GeoPackage, Shapefile(zip)", dir_okay=False, exists=True)],
    *,
    kind: FormatOption = None,
    datum: DatumOption = Datum.WGS84,
    repair: Annotated[bool, typer.Option("--repair", help="修补能修补的轮廓 / mend what can be mended")] = False,
    sure: Annotated[bool, typer.Option("--sure", help="坐标系确实无误 / the datum is right as declared")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试，不改 / try, and change nothing")] = False,
) -> None:
    """导入配送范围：全部，或一条都不 / Take zones from a file: all of it, or nothing and a list of problems."""
    from o2o.stores.zone_files import importing

    with ground.engines_for(settings()) as chosen, ground.transaction_on(chosen) as db:
        plan = importing.plan(db, file.read_bytes(), kind=_kind(file, kind), datum=datum, repair=repair, sure=sure)
        for one in plan.owners:
            say(f"  {one.name}：{one.before} → {len(one.zones)} 个范围 / {one.before} -> {len(one.zones)} zones")
        for mended in plan.mended:
            say(
                f"  第 {mended['feature']} 个要素已修补 / feature {mended['feature']} mended: {', '.join(mended['codes'])}"
            )
        if plan.ignored_fields:
            say(f"  未用的字段 / fields not used: {', '.join(plan.ignored_fields)}")
        for problem in plan.problems:
            typer.echo(f"  {_told(problem)}", err=True)
        if plan.problems:
            raise Stopped(
                f"{len(plan.problems)} 个问题，什么都没有改 / {len(plan.problems)} problems; nothing was changed"
            )
        if not dry_run:
            importing.apply(db, plan, note=f"imported from {file.name[:80]}", now=utc_now())
    say("试过了，没有改动 / tried; nothing was changed" if dry_run else "已导入 / imported")


def _told(problem: dict[str, Any]) -> str:
    facts = "; ".join(
        f"{name}={value}" for name, value in problem.items() if name not in ("code", "message", "feature")
    )
    return f"#{problem.get('feature', '-')} {problem.get('message', '')} ({facts}) [{problem.get('code')}]"


@zones.command("export")
def export_zones(
    file: Annotated[Path, typer.Argument(help="写到 / where to", dir_okay=False)],
    *,
    kind: FormatOption = None,
    datum: DatumOption = Datum.WGS84,
) -> None:
    """导出全部配送范围 / Write all zones to a file."""
    from o2o.stores.zone_files import writing
    from o2o.stores.zones import zone_lists as kept

    with ground.engines_for(settings()) as chosen, ground.transaction_on(chosen) as db:
        found = kept.named(db)
        file.write_bytes(writing.write(found, _kind(file, kind), datum))
    say(f"已写出 {len(found)} 个范围 / {len(found)} zones written")


@zones.command()
def recompute() -> None:
    """按当前路网重算骑行时间范围 / Ask the present roads again about drive-time areas."""
    from o2o.infra.roads import open_roads
    from o2o.stores.zones import zone_lists as kept

    with ground.engines_for(settings()) as chosen, ground.transaction_on(chosen) as db:
        changed = kept.recompute(db, roads=open_roads(chosen), now=utc_now())
    for one in changed:
        say(f"  {one.code}: {one.before_km2:.2f} → {one.after_km2:.2f} km²")
    say(f"{len(changed)} 家门店的范围变了 / zones of {len(changed)} stores changed")


@zones.command()
def report(
    *,
    at: Annotated[
        datetime | None, typer.Option(help="在这一时刻（带时区） / at this moment", formats=["%Y-%m-%dT%H:%M%z"])
    ] = None,
    store: Annotated[str | None, typer.Option(help="门店编码 / a store's code")] = None,
    radius_m: Annotated[
        int, typer.Option("--radius", help="半径改为多少米 / with this radius instead", min=50)
    ] = 3_000,
    to: Annotated[Path | None, typer.Option(help="地图写到 .geojson / write the map to")] = None,
) -> None:
    """覆盖报告：零家、一家、多家门店覆盖的住户 / Homes covered by no store, by one, by many."""
    from o2o.infra import citydata
    from o2o.stores import places
    from o2o.stores.coverage import reporting

    with ground.engines_for(settings()) as chosen, ground.transaction_on(chosen) as db:
        doors = citydata.doors(chosen.data_dir)
        found = reporting.coverage(db, doors=doors, at=at)
        ours = next((one for one in places.all_stores(db) if one.code == store), None)
        if store is not None and ours is None:
            raise Stopped(f"没有门店 {store} / no store {store}")
        gain = None if ours is None else reporting.radius_gain(db, doors=doors, store_id=ours.id, radius_m=radius_m)
    say(f"住户 {found.homes} / homes")
    for count, homes in zip(("0", "1", "2", "3+"), found.by_stores, strict=True):
        say(f"  {count:>2} 家门店 / stores: {homes:>8}  {homes / max(1, found.homes):6.1%}")
    for one in found.stores:
        say(
            f"  {one.store.code:<12} {one.homes:>8}  独有 / alone {one.alone:>7}  {one.area_km2:7.2f} km²  {one.farthest_m} m"
        )
    if gain is not None:
        for radius, homes, alone in gain.curve:
            say(f"  {gain.store.code} {radius:>6} m: {homes:>8}  独有 / alone {alone}")
    if to is not None:
        to.write_text(json.dumps(found.cells, ensure_ascii=False), encoding="utf-8")
        say(f"地图已写到 {to} / map written")
