"""What the user asked for, as words, before anything of it has been looked up."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.data.printable import printable
from harness.errors import RequestError

# Whoever asks for more has written a seed, and not how many.
MOST_SEEDS = 1000


@dataclass(frozen=True)
class Request:
    """The words of one `harness run` or `harness bench`.

    ``recipes``, ``options`` and ``plugins`` follow ``--recipe``, ``-o`` and ``-p``. ``settings``
    are the options of a settings file, which ``options`` win over; ``recipe_settings`` are its
    recipes, which any of ``recipes`` replace. Raises `RequestError` for words that no record holds.
    """

    models: tuple[str, ...] = ()
    every: bool = False
    seeds: tuple[int, ...] = (0,)
    recipes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    recipe_settings: tuple[str, ...] = ()
    quick: bool = False
    force: bool = False
    plugins: tuple[str, ...] = ()
    data_words: str = ""

    def __post_init__(self) -> None:
        words = (*self.models, *self.recipes, *self.options, *self.plugins, self.data_words)
        if odd := next((word for word in words if printable(word) != word), None):
            raise RequestError(
                f"{printable(odd)} is no UTF-8, as records need it; give or rename it otherwise"
            )


def parse_seeds(text: str) -> tuple[int, ...]:
    """Read ``5`` as the seeds 0 to 4, and ``0,7`` as a list. Raises `RequestError` otherwise."""
    try:
        numbers = [int(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise RequestError(f"--seeds {text}: give a count like 5, or a list like 0,7") from error
    if "," not in text and sum(numbers) > MOST_SEEDS:
        raise RequestError(f"--seeds {text}: that is a count; write {text}, for this one seed")
    seeds: Sequence[int] = numbers if "," in text else range(sum(numbers))
    if not seeds or min(seeds) < 0 or len(set(seeds)) != len(seeds):
        raise RequestError(
            f"--seeds {text}: give a count from 1, a list of different seeds, or one seed as in 0,"
        )
    return tuple(seeds)
