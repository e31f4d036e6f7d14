"""Free memory is the machine's, or what a container leaves of it."""

import psutil
import pytest

from recexplainer.runs import memory


@pytest.fixture
def root(tmp_path):
    """A made-up root of the file system: ``group(path, limit=..., used=..., files=...)``."""

    def group(path, limit, used, files=0):
        folder = tmp_path / "sys/fs/cgroup" / path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.max").write_text(f"{limit}\n")
        (folder / "memory.current").write_text(f"{used}\n")
        (folder / "memory.stat").write_text(f"anon 1\ninactive_file {files}\n")

    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/outer/inner\n")
    return tmp_path, group


def test_the_tightest_group_counts_and_kept_files_are_free(root):
    place, group = root
    group("outer", 900, 300)
    group("outer/inner", "max", 100)
    assert min(memory._left_in_groups(place)) == 600
    group("outer/inner", 500, 200, files=50)
    assert min(memory._left_in_groups(place)) == 350


def test_without_groups_it_is_the_machines(tmp_path):
    assert min(memory._left_in_groups(tmp_path)) == float("inf")
    assert 0 < memory.free_memory() <= psutil.virtual_memory().total
