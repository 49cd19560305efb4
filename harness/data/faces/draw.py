"""From numbers to pictures: the layers of a face, in their order."""

from harness.data.faces import creases, features, occlude
from harness.data.faces.canvas import Canvas
from harness.data.faces.dice import Array, Columns
from harness.data.faces.head import head


def draw(face: Columns) -> Array:
    """Return pictures ``(N, 48, 48)``, brightness from 0 to 1, of faces ``(N, 1, 1)`` a column."""
    shapes = head(face)
    canvas = Canvas(shapes.pictures, face)
    for side in (-1, 1):
        features.ear(canvas, side)
    creases.forehead(canvas)
    creases.folds(canvas)
    creases.chin(canvas)
    creases.beard(canvas)
    features.nose(canvas)
    features.mouth(canvas)
    for side in (-1, 1):
        features.eye(canvas, side)
        features.brow(canvas, side)
    occlude.glasses(canvas)
    pictures = canvas.pictures
    pictures += shapes.hair * (shapes.hair_tone - pictures)
    occlude.hand(canvas)
    return canvas.pictures * shapes.light
