"""Changes of the harness's own arithmetic, and the recipes that give other results since.

Whoever changes what training computes adds a line: the runs that it concerns are made again, and
all others are reused. `tests/runner/test_revisions.py` fails where results change without one.
"""

from collections.abc import Callable

from harness.schema import Recipe

REVISIONS: dict[str, Callable[[Recipe], bool]] = {
    "Muon iterates in float32 where bfloat16 is only emulated": (
        lambda recipe: recipe.optimizer == "Muon"
    ),
}


def revisions(recipe: Recipe) -> list[str]:
    """Return the changes that concern a recipe, as keys cover them; most often there is none."""
    return [what for what, concerns in REVISIONS.items() if concerns(recipe)]
