"""Serves the built web app and the base map, both from this machine: nothing comes from elsewhere."""

from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

SCREENS = ("customer", "clerk", "rider", "dispatcher")


def mount(app: FastAPI, *, built: Path, maps: Path) -> None:
    """Mount the screens found in `built` and the map archive in `maps` (read in byte ranges)."""

    @app.get("/map/city.pmtiles", include_in_schema=False)
    def base_map() -> Response:
        archive = maps / "city.pmtiles"
        if not archive.exists():
            return Response(status_code=404)
        return FileResponse(archive, media_type="application/vnd.pmtiles", headers={"Cache-Control": "no-cache"})

    if not (built / "index.html").exists():
        return
    for screen in SCREENS:
        page = built / screen / "index.html"

        def show(request: Request, page: Path = page) -> Response:
            if not request.url.path.rstrip("/").count("/") > 1 and not request.url.path.endswith("/"):
                return RedirectResponse(request.url.path + "/")
            return FileResponse(page, headers={"Cache-Control": "no-cache"})

        app.add_api_route(f"/{screen}", show, include_in_schema=False, methods=["GET"])
        app.add_api_route(f"/{screen}/{{path:path}}", show, include_in_schema=False, methods=["GET"])
    app.mount("/", StaticFiles(directory=built, html=True), name="web")
