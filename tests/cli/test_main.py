import gc
import importlib
import importlib.metadata
import json
import signal
import subprocess
import sys

import pytest

from harness import __version__, errors
from harness.cli import main as main_function
from harness.cli.main import COMMANDS, _end_as_by_ctrl_c, call, main

# `harness.cli` exports a function of this name.
main_module = sys.modules["harness.cli.main"]
HEAVY = {"torch", "numpy", "pandas", "scipy", "sklearn", "matplotlib"}


def imported_by(*arguments, cwd):
    """Return the code of a command and the modules that it has imported when it ends."""
    code = (
        "import json, sys\n"
        "from harness.cli.main import call\n"
        "code = call(sys.argv[1:])\n"
        "print()\n"
        "print(json.dumps([code, sorted(sys.modules)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=True,
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    return code, set(modules)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["list"], ["list", "--json"], ["run", "--help"]]
)
def test_a_command_that_computes_nothing_imports_nothing_heavy(arguments, tmp_path):
    code, modules = imported_by(*arguments, cwd=tmp_path)
    assert code == 0
    assert {name.partition(".")[0] for name in modules} & HEAVY == set()


def test_a_list_of_models_imports_no_type_of_a_record(tmp_path):
    _, modules = imported_by("list", cwd=tmp_path)
    assert {name for name in modules if name.startswith("harness.schema.")} == {
        "harness.schema.base",
        "harness.schema.recipe",
    }


def test_no_garbage_is_looked_for_while_a_command_is_imported(monkeypatch, capsys):
    found = []

    def seen(module):
        found.append(gc.isenabled())
        return importlib.import_module(module)

    monkeypatch.setattr(main_module, "import_module", seen)
    assert call(["list"]) == 0
    assert (found, gc.isenabled()) == ([False], True)


def test_garbage_is_looked_for_again_after_a_command_that_cannot_be_imported(monkeypatch):
    def broken(module):
        raise ImportError(module)

    monkeypatch.setattr(main_module, "import_module", broken)
    with pytest.raises(ImportError):
        call(["list"])
    assert gc.isenabled()


def test_importing_the_harness_imports_nothing_heavy(tmp_path):
    code = "import sys, harness, harness.cli; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert set(done.stdout.split()) & HEAVY == set()


def test_the_installed_command_is_this_one():
    [entry] = importlib.metadata.entry_points(group="console_scripts", name="harness")
    assert entry.load() is main


def test_a_process_of_its_own_ends_with_the_code_and_without_a_traceback():
    done = subprocess.run(
        [sys.executable, "-c", "from harness.cli import main; main()", "lsit"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_process_that_ends_does_not_look_for_garbage(monkeypatch):
    seen = []
    monkeypatch.setattr("gc.freeze", lambda: seen.append("frozen"))
    with pytest.raises(SystemExit, match="2"):
        main(["lsit"])
    assert seen == ["frozen"]


def test_help_names_every_command(capsys):
    assert call(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {name} " in shown for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name, capsys):
    assert call([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: harness {name} ")


def test_the_version_is_shown(capsys):
    assert call(["--version"]) == 0
    assert __version__ in capsys.readouterr().out


def test_an_unknown_command_is_answered_by_the_nearest(capsys):
    assert call(["lsit"]) == 2
    shown = capsys.readouterr().err
    assert "unknown command 'lsit'; did you mean 'list'? valid: " in shown


def test_an_unknown_option_is_wrong(capsys):
    assert call(["list", "--colour"]) == 2
    assert "No such option" in capsys.readouterr().err


def test_the_command_alone_shows_the_help(capsys):
    assert call([]) == 2
    assert "Commands:" in capsys.readouterr().err


def test_main_exits_with_the_code():
    with pytest.raises(SystemExit) as caught:
        main_function(["--version"])
    assert caught.value.code == 0


@pytest.fixture
def command(monkeypatch):
    """Let `harness list` do something else."""

    def replace(action):
        monkeypatch.setattr("harness.cli.listing.discover", lambda _: action())

    return replace


def kinds():
    found = [item for item in vars(errors).values() if isinstance(item, type)]
    return [kind for kind in found if issubclass(kind, errors.HarnessError)]


@pytest.mark.parametrize("kind", kinds())
def test_every_error_of_the_harness_is_one_line_and_code_2(kind, command, capsys):
    def fail():
        raise kind("the culprit; what to do")

    command(fail)
    assert call(["list"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "error: the culprit; what to do\n"
    assert captured.out == ""


def test_ctrl_c_is_code_130(command, capsys):
    def stop():
        raise KeyboardInterrupt

    command(stop)
    assert call(["list"]) == 130
    assert "stopped; give the same command again" in capsys.readouterr().err


def test_a_mistake_of_our_own_is_not_hidden(command):
    command(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        call(["list"])


def test_a_reader_that_left_is_no_traceback():
    code = (
        "import os, sys\n"
        "from harness.cli import main\n"
        "sys.stdin.readline()\n"
        "main(['list', '--json'])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        process.stdin.write(b"go\n")
        process.stdin.close()
        shown = process.stderr.read()
    assert b"Traceback" not in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "name the models to run, or give --all; `harness list` shows them"),
        (["vg"], "unknown model 'vg'; did you mean 'vgg'? "),
        (["vgg[widht=3]"], "model vgg: unknown argument 'widht'; did you mean 'width'? "),
        (["vgg["], "cannot read 'vgg['; "),
        (["vgg", "--seeds", ""], "--seeds : give a count from 1"),
        (["vgg", "--seeds", "x"], "--seeds x: give a count like 5"),
        (["vgg", "--timeout", "soon"], "--timeout soon: give a time above 0 like 90s, 10m or 2h"),
        (["vgg", "--timeout", "0"], "--timeout 0: give a time above 0"),
        (["vgg", "--data", "no/such"], "no/such: there is no such folder"),
        (["vgg", "--device", "tpu9000"], "--device tpu9000: valid: auto, cpu"),
        (["vgg", "--precision", "float8"], "--precision float8: valid: auto, "),
        (["net", "-p", "no_such.py"], "-p no_such.py: there is no such plugin; "),
        (["net", "-p", "no_such"], "unknown model 'net'; "),
    ],
)
def test_a_wrong_request_is_one_line_and_code_2(arguments, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call(["run", *arguments]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(f"error: {sentence}")
    assert shown.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("epoch=3", "-o epoch=3: unknown recipe field 'epoch'; did you mean 'epochs'? "),
        ("epochs=some", "model vgg: epochs: input should be a valid integer"),
        ("augment=flop", "model vgg: augment: unknown field 'flop'; did you mean 'flip'? "),
    ],
)
def test_a_wrong_recipe_is_one_line_and_code_2(option, sentence, capsys, tiny, tmp_path):
    arguments = ["vgg", "--data", str(tiny), "-o", option, "--results", str(tmp_path / "r")]
    assert call(["run", *arguments]) == 2
    shown = capsys.readouterr().err.splitlines()
    assert len([line for line in shown if line.startswith(f"error: {sentence}")]) == 1
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    ("words", "again"),
    [
        (["run", "--all"], "the same command goes on"),
        (
            ["run", "--all", "--force"],
            "the same command goes on without --force, with what was begun; what --force had not "
            "reached is as before",
        ),
    ],
)
def test_ctrl_c_says_how_to_go_on(words, again, monkeypatch, capsys):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.cli.conduct.carry_out", interrupt)
    assert call(words) == 130
    assert capsys.readouterr().err == f"\nstopped; what has finished is kept, and {again}\n"


def test_ctrl_c_promises_nothing_where_a_command_begins_again(monkeypatch, capsys):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.data.prepare.prepare", interrupt)
    assert call(["data", "prepare", "x.csv", "--out", "x", "--force"]) == 130
    assert capsys.readouterr().err == "\nstopped; give the same command again\n"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_to_end_is_like_ctrl_c(name, tmp_path):
    code = (
        "import os, signal, harness.data.prepare as module\n"
        "from harness.cli.main import main\n"
        # Whoever runs the tests may have it ignored, as by nohup.
        f"signal.signal(signal.{name}, signal.SIG_DFL)\n"
        f"module.prepare = lambda *_, **__: os.kill(os.getpid(), signal.{name})\n"
        "main(['data', 'prepare', 'x.csv', '--out', 'x'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr == "\nstopped; give the same command again\n"


def test_a_signal_that_is_ignored_stays_so(monkeypatch):
    handlers = {signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_IGN}
    monkeypatch.setattr(signal, "getsignal", handlers.get)
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    _end_as_by_ctrl_c()
    assert handlers == {
        signal.SIGTERM: signal.default_int_handler,
        signal.SIGHUP: signal.SIG_IGN,
    }
