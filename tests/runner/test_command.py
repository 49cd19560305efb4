import shlex

import pytest

from harness.cli.opened import find_data
from harness.errors import RequestError
from harness.plugins import discover, parse_selection
from harness.plugins.selection import check_arguments
from harness.runner import parse_seeds
from harness.runner.command import command_line
from harness.tensors.device import Policy


def command(*, arguments=None, plugins=(), data="", recipe="default", overrides=None, seed=0):
    return command_line(
        "net",
        arguments or {},
        Policy("cpu", "bfloat16", 2),
        seed,
        plugins=plugins,
        data=data,
        recipe=recipe,
        overrides=overrides or {},
    )


def test_the_shortest_command():
    words = "--device cpu --precision bfloat16 --threads 2 --seeds 0,"
    assert command() == f"harness run net {words}"


def test_everything_that_was_set_is_repeated():
    line = command(
        arguments={"width": 16},
        plugins=("my_net.py", "other"),
        data="data/fer",
        recipe="strong",
        overrides={"epochs": 5, "augment": "flip,shift=0.1"},
        seed=7,
    )
    assert shlex.split(line) == [
        *("harness", "run", "net[width=16]"),
        *("-p", "my_net.py", "-p", "other"),
        *("--data", "data/fer"),
        *("--recipe", "strong"),
        *("-o", "epochs=5", "-o", "augment=flip,shift=0.1"),
        *("--device", "cpu", "--precision", "bfloat16", "--threads", "2"),
        *("--seeds", "7,"),
    ]


def test_the_seed_of_a_command_is_read_as_that_seed():
    assert parse_seeds(shlex.split(command(seed=3))[-1]) == (3,)


@pytest.mark.parametrize(
    "arguments",
    [{"deep": False}, {"dropout": 1e-05, "width": 8}, {"norm": "a b"}, {"norm": "none"}],
)
def test_the_arguments_of_a_command_are_read_as_they_were(arguments):
    defaults = {"deep": True, "dropout": 0.5, "norm": "batch", "width": 3}
    selected = shlex.split(command(arguments=arguments))[2]
    assert check_arguments("model", parse_selection(selected), defaults) == arguments


def test_an_absolute_path_is_nobody_elses(tmp_path):
    line = command(plugins=(str(tmp_path / "net.py"),), data=str(tmp_path / "my data"))
    assert str(tmp_path) not in line
    assert shlex.split(line)[3:7] == ["-p", "PATH/TO/net.py", "--data", "PATH/TO/my data"]


def test_a_folder_elsewhere_is_not_taken_for_the_built_in_data(tmp_path):
    words = shlex.split(command(data=str(tmp_path / "faces")))
    with pytest.raises(RequestError, match="PATH/TO/faces: there is no such folder"):
        find_data(words[words.index("--data") + 1], discover([]))


def test_a_data_set_with_arguments_stays_as_it_was_typed():
    assert "--data 'faces[size=100]'" in command(data="faces[size=100]")


def test_a_path_within_the_arguments_of_a_data_set_is_not_published():
    told = command(data="mine[root=/home/alice/faces,size=100]")
    assert "--data 'mine[root=PATH/TO/faces,size=100]'" in told


def test_brackets_in_the_name_of_a_folder_stay():
    told = command(data="sets[1]/fer", plugins=("nets[v2]/net.py",))
    assert "--data 'sets[1]/fer'" in told
    assert "-p 'nets[v2]/net.py'" in told


def test_a_path_in_the_working_folder_is_seen_from_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "-p nets/net.py" in command(plugins=(str(tmp_path / "nets" / "net.py"),))
