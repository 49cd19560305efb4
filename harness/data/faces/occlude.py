"""What comes between face and camera: glasses, sunglasses and hands."""

import numpy as np

from harness.data.faces.canvas import Canvas, edge
from harness.data.faces.dice import Array, Columns, Dice


def belongings(count: int, difficulty: float, dice: Dice) -> Columns:
    """Draw who wears glasses and whose hand is in the face, each an array ``(count,)``."""
    glasses = dice.chance(count, 0.06 + 0.12 * difficulty)
    dark = dice.chance(count, 0.18 * difficulty)
    hand = dice.chance(count, 0.16 * difficulty)
    return {
        "glasses": glasses.astype(np.float32),
        "lens": np.where(dark, dice.uniform(count, 0.5, 0.95), 0.06),
        "frame": dice.uniform(count, 0.02, 0.5),
        "lens_width": dice.uniform(count, 4.6, 6.0),
        "lens_height": dice.uniform(count, 3.2, 4.6),
        "hand": hand.astype(np.float32),
        "hand_x": dice.uniform(count, -13.0, 13.0),
        "hand_y": dice.uniform(count, 9.0, 19.0),
        "hand_slope": dice.uniform(count, -0.5, 0.5),
    }


def glasses(canvas: Canvas) -> None:
    """Draw two lenses, their frame and the bridge, on those who wear them."""
    face = canvas.face
    for side in (-1, 1):
        with canvas.window(side * face["eye_gap"], face["eye_y"] + 0.3, 9, 8) as window:
            radius = _lens(window.u / face["lens_width"], window.v / face["lens_height"])
            distance = (radius - 1) * face["lens_height"]
            window.paint(edge(distance) * face["lens"] * face["glasses"], 0.08)
            frame = edge(np.abs(distance) - 0.4)
            window.paint(frame * face["glasses"] * 0.9, face["frame"])
    zero = np.zeros_like(face["eye_y"])
    with canvas.window(zero, face["eye_y"], 4, 3) as window:
        gap = face["eye_gap"] - face["lens_width"]
        bridge = edge(np.abs(window.v) - 0.4) * edge(np.abs(window.u) - gap)
        window.paint(bridge * face["glasses"] * 0.9, face["frame"])


def _lens(across: Array, down: Array) -> Array:
    """Return the distance from the middle of a lens, 1 on its rim, which is a rounded box."""
    square = across * across + down * down
    radius: Array = np.sqrt(np.maximum(square - 0.4 * across * across * down * down, 0))
    return radius


def hand(canvas: Canvas) -> None:
    """Draw a hand of four fingers and its back, on those who hold one to the face."""
    face = canvas.face
    with canvas.window(face["hand_x"], face["hand_y"], 10, 13) as window:
        u, v = window.u + window.v * face["hand_slope"], window.v
        knuckle = u * 0.36
        off = np.abs(knuckle - np.floor(knuckle) - 0.5)
        fingers = edge(off * 2.8 - 1.15) * edge(np.abs(u) - 5.5) * edge(-8 - v + u * u * 0.06)
        back = edge(np.abs(u) - 5.5) * edge(1 - v)
        cover = np.maximum(fingers, back) * face["hand"]
        window.paint(cover, face["skin"] * (1.05 - off * 0.7))
