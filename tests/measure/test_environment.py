import getpass
import platform
import socket

import torch

from harness.measure.environment import environment


def test_it_names_the_software() -> None:
    found = environment("cpu")
    assert found.torch == torch.__version__
    assert found.python == platform.python_version()
    assert found.gpu is None


def test_the_machine_is_a_hash_that_stays() -> None:
    assert environment("cpu").machine == environment("cpu").machine
    assert len(environment("cpu").machine) == 12


def test_another_processor_is_another_machine(monkeypatch) -> None:
    before = environment("cpu").machine
    monkeypatch.setattr("harness.measure.environment._processor", lambda: "Z80")
    assert environment("cpu").machine != before


def test_it_tells_neither_host_nor_user() -> None:
    text = environment("cpu").model_dump_json()
    for secret in (socket.gethostname(), getpass.getuser()):
        assert f'"{secret}' not in text
