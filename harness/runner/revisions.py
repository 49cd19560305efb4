"""Changes of the harness's own arithmetic, and the recipes that give other results since.

Whoever changes what training computes adds a line: the runs that it concerns are made again, and
all others are reused. `tests/train/test_numbers.py` fails where results on a CPU change (with Muon
only where bfloat16 is emulated); what a GPU computes is held by no test.
"""

from collections.abc import Callable

from harness.schema import Recipe

# Of a recipe, a device (cpu, cuda, mps) and a precision: whether the change concerns such a run.
Concerns = Callable[[Recipe, str, str], bool]

REVISIONS: dict[str, Concerns] = {
    "Muon iterates in float32 where bfloat16 is only emulated": (
        lambda recipe, device, precision: recipe.optimizer == "Muon" and device == "cpu"
    ),
    "Muon iterates in float32 in runs of float32": (
        lambda recipe, device, precision: recipe.optimizer == "Muon" and precision == "float32"
    ),
    "float32 on CUDA is not TF32": (
        lambda recipe, device, precision: (device, precision) == ("cuda", "float32")
    ),
}


def revisions(recipe: Recipe, device: str, precision: str) -> tuple[str, ...]:
    """Return the changes that concern a run, as keys cover them; most often there is none."""
    found = REVISIONS.items()
    return tuple(what for what, concerns in found if concerns(recipe, device, precision))
