import shutil
import subprocess

import pytest

from harness import __version__
from harness.measure import environment
from harness.measure.revision import revision


def git(root, *words):
    # Whoever signs commits or has hooks for all has them not here.
    own = ("user.name=n", "user.email=n@n", "commit.gpgsign=false", "core.hooksPath=/dev/null")
    settings = [word for one in own for word in ("-c", one)]
    subprocess.run(["git", "-C", root, *settings, *words], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path):
    """A checkout with a file of code and one of results."""
    if not shutil.which("git"):
        pytest.skip("git is not there")
    for name in ("harness/a.py", "results/b.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("1")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "one")
    return tmp_path


def test_a_checkout_is_known_by_its_commit(checkout):
    done = subprocess.run(
        ["git", "-C", checkout, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    )
    assert revision(checkout) == f"{__version__}+g{done.stdout[:8]}"


def test_changed_code_is_told_and_changed_results_are_not(checkout):
    (checkout / "results" / "b.txt").write_text("2")
    assert not revision(checkout).endswith(".dirty")
    (checkout / "harness" / "a.py").write_text("2")
    assert revision(checkout).endswith(".dirty")


def test_without_a_commit_there_is_the_version(tmp_path, monkeypatch):
    assert revision(tmp_path) == __version__
    (tmp_path / ".git").mkdir()
    assert revision(tmp_path) == __version__
    monkeypatch.setenv("PATH", "")
    assert revision(tmp_path) == __version__


def test_records_have_it():
    assert environment.environment("cpu").harness == environment.REVISION


def test_nobody_who_commits_meanwhile_is_kept_out(checkout, monkeypatch):
    """`git status` takes a lock if it may."""
    real, commands = subprocess.run, []

    def run(command, **how):
        commands.append(command)
        return real(command, **how)

    monkeypatch.setattr("harness.measure.revision.subprocess.run", run)
    revision(checkout)
    assert commands
    assert all("--no-optional-locks" in command for command in commands)
