import getpass
import platform
import socket
import subprocess

import pytest
import torch

from harness.measure.environment import _of_cpuinfo, _processor, environment


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


def test_it_tells_neither_host_nor_user(monkeypatch) -> None:
    for module, name in ((socket, "gethostname"), (platform, "node"), (getpass, "getuser")):
        monkeypatch.setattr(module, name, lambda: "xsecretx")
    for name in ("USER", "LOGNAME", "HOSTNAME", "HOME"):
        monkeypatch.setenv(name, "/home/xsecretx")
    assert "xsecretx" not in environment("cpu").model_dump_json()


ARM_CPU = """\
processor	: {number}
BogoMIPS	: 243.75
CPU implementer	: 0x41
CPU architecture: 8
CPU variant	: 0x{variant}
CPU part	: 0x{part}
CPU revision	: 1

"""


def cpuinfo(*cores: tuple[str, str]) -> str:
    return "".join(
        ARM_CPU.format(number=number, variant=variant, part=part)
        for number, (variant, part) in enumerate(cores)
    )


def test_arm_processors_are_told_apart_by_their_kinds_of_cores(monkeypatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    one = _of_cpuinfo(cpuinfo(("3", "d0c"), ("3", "d0c")))
    assert one == "aarch64 (0x41 0xd0c 0x3)"
    assert _of_cpuinfo(cpuinfo(("0", "d4f"), ("0", "d4f"))) == "aarch64 (0x41 0xd4f 0x0)"
    both = cpuinfo(("0", "d05"), ("0", "d0b"), ("0", "d05"))
    assert _of_cpuinfo(both) == "aarch64 (0x41 0xd05 0x0; 0x41 0xd0b 0x0)"
    assert _of_cpuinfo("processor : 0\nmodel name\t: Z80 @ 4 MHz\n") == "Z80 @ 4 MHz"
    assert _of_cpuinfo("nothing of it") == ""


@pytest.mark.parametrize(("answer", "name"), [("Apple M3 Pro\n", "Apple M3 Pro"), (None, "arm")])
def test_a_mac_is_asked_for_its_chip(monkeypatch, answer, name) -> None:
    def run(command, **_):
        assert command[-1] == "machdep.cpu.brand_string"
        if answer is None:
            raise FileNotFoundError
        return subprocess.CompletedProcess(command, 0, answer)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr("pathlib.Path.is_file", lambda self: False)
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "processor", lambda: "arm")
    assert _processor() == name
