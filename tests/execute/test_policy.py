"""What a plugin sets for the whole process: it changes no run."""

from harness.execute import execute_run

# What model files set for the whole process, as they are imported and as they build.
SETTLED = """\
import torch
from torch import nn

def settings():
    cudnn = torch.backends.cudnn
    return (
        torch.get_num_threads(),
        torch.get_default_dtype(),
        torch.are_deterministic_algorithms_enabled(),
        cudnn.benchmark,
        cudnn.allow_tf32,
        torch.get_float32_matmul_precision(),
        torch.is_anomaly_enabled(),
        torch.is_autocast_enabled("cpu"),
        # Numbers below the least normal one stay what they are.
        (torch.tensor(1e-39) * 1 == 0).item(),
        torch.backends.mkldnn.enabled,
        cudnn.enabled,
        torch.backends.mha.get_fastpath_enabled(),
    )

WANTED = (1, torch.float32, True, False, False, "highest")
WANTED += (False, False, False, True, True, True)

def unsettle():
    torch.set_num_threads(3)
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.set_grad_enabled(False)
    torch.use_deterministic_algorithms(False)
    cudnn = torch.backends.cudnn
    cudnn.benchmark = cudnn.allow_tf32 = True
    torch.set_float32_matmul_precision("medium")
    torch.autograd.set_detect_anomaly(True)
    torch.set_autocast_enabled("cpu", True)
    torch.set_flush_denormal(True)
    torch.backends.mkldnn.enabled = cudnn.enabled = False
    torch.backends.mha.set_fastpath_enabled(False)

class Settled(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, images):
        assert settings() == WANTED, settings()
        return self.layer(images.flatten(1))

channels, height, width = input_shape
module = Settled(nn.Linear(channels * height * width, num_classes))
unsettle()
return module
"""


def test_what_a_plugin_sets_for_the_whole_process_is_undone(make_specs, write_plugin):
    path = write_plugin("settled", SETTLED)
    path.write_text(f"import torch\ntorch.set_grad_enabled(False)\n{path.read_text()}")
    [spec] = make_specs("settled", plugins=(path,))
    record = execute_run(spec, lambda event: None, own_process=False)
    assert (record.status, record.reason) == ("done", None)
