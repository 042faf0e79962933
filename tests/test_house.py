"""The laws of the house that imports cannot say, read from the source itself."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import text

from o2o.infra.http import Allow, Db, Edge, Public, public
from o2o.infra.problems import add_problem_answers
from o2o.infra.tools import Tools

ROOT = Path(__file__).parent.parent
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
BAGS = {"utils", "util", "helpers", "helper", "service", "services", "manager", "managers", "common", "constants"}
BAGS |= {"base", "misc", "handlers", "repository", "repositories"}
HTTP = (
    "o2o/app.py",
    "o2o/*/api.py",
    "o2o/*/api/*.py",
    "o2o/screens/*.py",
    "o2o/infra/http.py",
    "o2o/infra/lanes.py",
    "o2o/infra/body_limit.py",
    "o2o/infra/problems.py",
)
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("func", "now"),
}
DOORS = (
    "o2o/app.py",
    "o2o/worker.py",
    "o2o/cli/*.py",
    "o2o/infra/http.py",
    "o2o/infra/lanes.py",
    "o2o/screens/stream.py",
    "o2o/simulation/*.py",
    "o2o/kit/clock.py",
)
REPEATABLE = {"accounts", "password", "revoke", "restore", "cashier", "sandbox", "resolve"}
REPEATABLE |= {
    "start",
    "release",
    "scans",
    "short",
    "substitutes",
    "hand-over",
    "accept",
    "decline",
    "arrive",
    "complete",
    "fail",
    "preview",
    "rush",
    "code",
    "close",
    "open",
    "replay",
}
"""Last words of paths whose POST may come twice: a move already made, a unique name, or an id given by the caller."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def house() -> dict[str, ast.Module]:
    """Every file of the package, parsed, by its path from the root."""
    files = sorted((ROOT / "o2o").rglob("*.py"))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in files}


def elsewhere(*allowed: str) -> Iterator[tuple[str, ast.Module]]:
    for path, tree in house().items():
        if not any(Path(path).match(pattern) for pattern in allowed):
            yield path, tree


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def calls(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """(whose, what, line) of every call of an attribute, such as ("db", "commit", 12)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            yield name, node.func.attr, node.lineno


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def test_fastapi_is_known_only_at_the_doors() -> None:
    assert [path for path, tree in elsewhere(*HTTP) if any(m.split(".")[0] == "fastapi" for m in imported(tree))] == []


def test_celery_is_known_only_to_the_worker() -> None:
    assert [
        path for path, tree in elsewhere("o2o/worker.py") if "celery" in {m.split(".")[0] for m in imported(tree)}
    ] == []


def test_there_is_one_commit_in_the_house() -> None:
    found = [
        f"{path}:{line}"
        for path, tree in elsewhere()
        for who, what, line in calls(tree)
        if what == "commit" and who != "reservations"
    ]
    assert [place.split(":")[0] for place in found] == ["o2o/infra/db.py"], found


def test_only_the_clock_asks_what_time_it_is() -> None:
    asked = elsewhere("o2o/kit/clock.py")
    assert [f"{path}:{line}" for path, tree in asked for who, what, line in calls(tree) if (who, what) in CLOCKS] == []


def test_only_doors_read_the_clock() -> None:
    asked = elsewhere(*DOORS)
    readers = [
        path for path, tree in asked if any(isinstance(n, ast.Name) and n.id == "utc_now" for n in ast.walk(tree))
    ]
    assert readers == []


def test_every_file_can_be_seen_whole() -> None:
    sources = [*(ROOT / "o2o").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in sources}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_function_can_be_seen_whole() -> None:
    lengths = {
        f"{path}:{f.name}": (f.end_lineno or 0) - f.lineno + 1
        for path, tree in house().items()
        for f in functions(tree)
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_no_merge_was_left_in_halves() -> None:
    texts = [
        path
        for folder, kinds in {
            "o2o": "py sql",
            "tests": "py",
            "bench": "py",
            "docs": "md json",
            "web/src": "ts vue css",
        }.items()
        for kind in kinds.split()
        for path in (ROOT / folder).rglob(f"*.{kind}")
    ]
    halves = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    assert [str(path.relative_to(ROOT)) for path in texts if halves.search(path.read_text("utf-8"))] == []


def test_no_file_is_a_bag() -> None:
    assert [path for path in house() if BAGS & {part.removesuffix(".py") for part in Path(path).parts}] == []


def test_every_public_function_says_what_it_does() -> None:
    silent = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in house().items()
        for node in tree.body
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_an_activity_is_told_the_time_by_name() -> None:
    loose = [
        f"{path}:{f.lineno} {f.name}"
        for path, tree in elsewhere("o2o/infra/*.py")
        for f in functions(tree)
        if f.args.args
        and not f.name.startswith("_")
        and _annotation(f.args.args[0]) == "Session"
        and "now" in [argument.arg for argument in f.args.args]
    ]
    assert loose == []


def _annotation(argument: ast.arg) -> str:
    return ast.unparse(argument.annotation) if argument.annotation else ""


def test_every_event_is_followed_or_is_for_screens_only() -> None:
    from o2o import app, subscriptions
    from o2o.kit.events import KNOWN

    assert app.ROUTERS
    ours = {
        name: kind for name, kind in KNOWN.items() if kind.__module__.startswith("o2o.") and not kind.__subclasses__()
    }
    assert [
        name for name, kind in ours.items() if not kind.screens_only and not subscriptions.SUBSCRIPTIONS.get(kind)
    ] == []
    assert [name for name, kind in ours.items() if kind.screens_only and kind in subscriptions.SUBSCRIPTIONS] == []


def test_followers_duties_and_tasks_are_called_by_name() -> None:
    from o2o import subscriptions, worker

    followers = {f for chosen in subscriptions.SUBSCRIPTIONS.values() for f in chosen}
    assert {tuple(inspect.signature(f).parameters) for f in followers} <= {("db", "event", "now", "tools")}
    duties = {duty.run for duty in subscriptions.TIMETABLE}
    assert {tuple(inspect.signature(run).parameters) for run in duties} <= {
        ("tools", "now", "key"),
        ("_", "now", "key"),
    }
    tasks: list[Callable[..., Any]] = [task.run for name, task in worker.app.tasks.items() if name.startswith("o2o.")]
    works: list[Callable[..., Any]] = [*followers, *duties]
    for work in works:
        assert all(_by_name(p) for p in list(inspect.signature(work).parameters.values())[1:]), work
    assert all(_by_name(p) for run in tasks for p in inspect.signature(run).parameters.values())
    assert len({duty.name for duty in subscriptions.TIMETABLE}) == len(subscriptions.TIMETABLE)


def _by_name(parameter: inspect.Parameter) -> bool:
    return parameter.kind is inspect.Parameter.KEYWORD_ONLY


def routes() -> list[APIRoute]:
    from o2o import app

    return [route for router in app.ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def _callers(dependant: Any) -> Iterator[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _callers(inner)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_refusal_has_its_words_on_the_screens(language: str) -> None:
    """But those of importing a city: that is done on a command line, in both languages at once."""
    codes = {
        node.value.value.replace(".", "_")
        for path, tree in house().items()
        if not path.startswith("o2o/city/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == "code" and isinstance(node.value.value, str)
    }
    codes |= {
        argument.value.replace(".", "_")
        for path, tree in house().items()
        if path != "o2o/screens/health.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("problem", "_refused")
        for argument in node.args[:2]
        if isinstance(argument, ast.Constant) and re.fullmatch(r"[a-z]+(\.[a-z0-9_]+)?", str(argument.value))
    }
    words = (ROOT / f"web/src/i18n/{language}/problems.ts").read_text("utf-8")
    assert len(codes) > 150
    assert sorted(code for code in codes - {"", "domain"} if f"  {code}: " not in words) == []


def test_every_route_declares_who_may_call_it() -> None:
    undeclared = [
        f"{sorted(route.methods or ())} {route.path}"
        for route in routes()
        if sum(isinstance(call, Allow) or call is public for call in _callers(route.dependant)) == 0
    ]
    assert undeclared == []


def test_no_route_is_both_public_and_for_somebody() -> None:
    both = [
        route.path
        for route in routes()
        if public in (found := list(_callers(route.dependant))) and any(isinstance(call, Allow) for call in found)
    ]
    assert both == []


def test_every_route_has_a_stable_name_and_a_summary() -> None:
    assert [route.path for route in routes() if not route.operation_id or not route.summary] == []
    names = [str(route.operation_id) for route in routes()]
    assert sorted(names) == sorted(set(names))


def test_writes_that_touch_money_stock_or_points_can_be_repeated_safely() -> None:
    """A POST either asks for an Idempotency-Key, or is one that may be sent twice by its nature."""
    from o2o.infra.http import _once

    unsafe = [
        route.path
        for route in routes()
        if "POST" in (route.methods or ())
        and _once not in list(_callers(route.dependant))
        and not route.path.startswith(("/api/auth/", "/api/rider/", "/api/quotes"))
        and route.path.rpartition("/")[2] not in REPEATABLE
    ]
    assert unsafe == []


@pytest.fixture(params=[APIRoute, Edge])
def failing_door(tools: Tools, request: pytest.FixtureRequest) -> Iterator[TestClient]:
    """An application whose one route, of either class, does work that the database refuses only at commit."""
    app = FastAPI()
    app.router.route_class = request.param
    app.state.tools = tools
    add_problem_answers(app)

    class Out(BaseModel):
        done: bool = True

    @app.post("/work", dependencies=[Public])
    def work(db: Db) -> Out:
        db.execute(text("create temp table late (n int unique deferrable initially deferred) on commit drop"))
        db.execute(text("insert into late values (1), (1)"))
        return Out()

    with TestClient(app, raise_server_exceptions=False) as door:
        yield door


def test_a_commit_that_fails_is_never_answered_as_done(failing_door: TestClient) -> None:
    """The commit comes before the response: with FastAPI's default scope this answered 200."""
    answer = failing_door.post("/work")
    assert answer.status_code >= 400
    assert "done" not in answer.text
