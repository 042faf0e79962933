import os
from pathlib import Path

from o2o.dispatch.planning import compiled


def test_code_cached_before_the_newest_source_is_thrown_away(tmp_path: Path) -> None:
    cache = tmp_path / "__pycache__"
    cache.mkdir()
    for name, seconds in (("a.py", 100), ("b.py", 200), ("__pycache__/a.nbi", 150), ("__pycache__/a.1.nbc", 250)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (seconds, seconds))
    assert compiled.forget_stale(tmp_path) == 1
    assert [path.name for path in cache.iterdir()] == ["a.1.nbc"]


def test_a_folder_without_a_cache_is_left_alone(tmp_path: Path) -> None:
    assert compiled.forget_stale(tmp_path) == 0
