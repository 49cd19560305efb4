"""One ordinary person before a plain camera, whose units a test can move one by one."""

from collections.abc import Callable

import numpy as np
import pytest

from harness.data.faces import load
from harness.data.faces.dice import Columns, Dice, columns
from harness.data.faces.draw import draw
from harness.data.faces.occlude import belongings
from harness.data.faces.people import camera, light, people
from harness.data.faces.units import NUMBERS, controls

Portrait = Callable[..., np.ndarray]


@pytest.fixture(scope="session")
def portrait() -> Portrait:
    """Return a function from intensities by unit to a picture ``(48, 48)``, from 0 to 1."""
    person = _ordinary()

    def take(units: dict[int, float], **changes: float) -> np.ndarray:
        intensity = np.array([[units.get(number, 0.0) for number in NUMBERS]], dtype=np.float32)
        moved = {name: np.full(1, value, dtype=np.float32) for name, value in changes.items()}
        return draw(columns({**person, **controls(intensity), **moved}))[0]

    return take


def _ordinary() -> Columns:
    """The average of many draws: looks straight ahead, hides nothing."""
    many = people(512, Dice(0)) | camera(512, 0, Dice(1)) | light(512, 0, Dice(2))
    person = {name: np.full(1, value.mean(), np.float32) for name, value in many.items()}
    person |= {f"{turn}_sin": np.zeros(1, np.float32) for turn in ("roll", "yaw", "pitch")}
    person |= {f"{turn}_cos": np.ones(1, np.float32) for turn in ("roll", "yaw", "pitch")}
    person |= {name: np.zeros(1, np.float32) for name in ("beard", "moustache", "age")}
    return (
        person
        | {name: 0 * value[:1] for name, value in belongings(1, 0, Dice(3)).items()}
        | {
            "lens_width": np.full(1, 5, np.float32),
            "lens_height": np.full(1, 4, np.float32),
        }
    )


@pytest.fixture(scope="session")
def faces() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """A small data set at the default difficulty."""
    return load(size=4000)


@pytest.fixture(scope="session")
def easy_faces() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return load(size=2000, difficulty=0)
