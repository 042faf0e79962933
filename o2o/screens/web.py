"""Serves the built web app and the base map, both from this machine: nothing comes from elsewhere."""

from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from o2o.infra import citydata

SCREENS = ("customer", "clerk", "rider", "dispatcher", "hq")


def mount(app: FastAPI, *, built: Path, data_dir: Path) -> None:
    """Mount the screens found in `built` and the base map of the city in force (read in byte ranges)."""

    @app.get("/map/city.pmtiles", include_in_schema=False)
    def base_map() -> Response:
        files = citydata.current(data_dir)
        if files is None or not files.base_map.exists():
            return Response(status_code=404)
        return FileResponse(files.base_map, media_type="application/vnd.pmtiles", headers={"Cache-Control": "no-cache"})

    if not (built / "index.html").exists():
        return
    for screen in SCREENS:
        page = built / screen / "index.html"

        def show(request: Request, page: Path = page) -> Response:
            if request.url.path.count("/") == 1:  # its pages are relative to the folder
                return RedirectResponse(request.url.path + "/")
            return FileResponse(page, headers={"Cache-Control": "no-cache"})

        app.add_api_route(f"/{screen}", show, include_in_schema=False, methods=["GET"])
        app.add_api_route(f"/{screen}/{{path:path}}", show, include_in_schema=False, methods=["GET"])
    app.mount("/", StaticFiles(directory=built, html=True), name="web")
