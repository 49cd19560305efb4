"""The large shapes: background, neck, head and hair, and the light on them."""

from dataclasses import dataclass

import numpy as np

from harness.data.faces.canvas import SIDE, edge
from harness.data.faces.dice import Array, Columns


@dataclass
class Head:
    """Coverage ``(N, 48, 48)`` by head and hair, the hair's tone, and the light."""

    pictures: Array
    hair: Array
    hair_tone: Array
    light: Array


def head(face: Columns) -> Head:
    """Draw everything but the features; hair and light are to be laid over them later."""
    x, y = _frontal(face)
    across, down = _on_head(x, y, face)
    squared = across * across + down * down
    radius = np.sqrt(squared - face["square"] * np.minimum(across * across, 1) * (down * down))
    cover = edge((radius - 1) * face["head_width"])
    hair, hair_tone = _hair(x, y, cover, face)
    pictures = _background(x, y, face)
    pictures += cover * (face["skin"] - pictures)
    return Head(pictures, hair, hair_tone, _light(across, down, squared, cover, hair, face))


def _frontal(face: Columns) -> tuple[Array, Array]:
    """Return each pixel's place on an unturned face."""
    grid = np.arange(SIDE, dtype=np.float32)
    column = (grid.reshape(1, 1, -1) - face["centre_x"]) / face["scale"]
    row = (grid.reshape(1, -1, 1) - face["centre_y"]) / face["scale"]
    x = column * face["roll_cos"] + row * face["roll_sin"]
    return x, row * face["roll_cos"] - column * face["roll_sin"]


def _on_head(x: Array, y: Array, face: Columns) -> tuple[Array, Array]:
    """Return the place in units of the head's half axes; the jaw tapers and drops."""
    below = np.maximum(y, 0)
    top, bottom = 1 / face["head_top"], 1 / (face["chin"] + face["jaw"] * 0.6)
    down = y * top + below * (bottom - top)
    narrow = below * bottom
    # The chin swings with the turn of the head more than the skull does.
    swing = face["yaw_sin"] * (6 + below * 0.25)
    across = (x - swing) * (1 + face["taper"] * narrow * narrow) / face["head_width"]
    return across, down


def _background(x: Array, y: Array, face: Columns) -> Array:
    back = face["back"] + x * (face["back_x"] / 48) + y * (face["back_y"] / 48)
    back += edge(x + y * face["back_x"] - face["back_edge"]) * face["back_step"]
    back = back.clip(0.02, 1)
    shoulders = edge(22.0 + x * x * 0.012 - y)
    back += shoulders * (face["cloth"] - back)
    neck = edge(np.abs(x) - face["head_width"] * 0.62) * edge(12 - y)
    back += neck * edge(y - 27) * (face["skin"] * 0.72 - back)
    return back


def _hair(x: Array, y: Array, head_cover: Array, face: Columns) -> tuple[Array, Array]:
    width = face["head_width"] * face["hair_volume"]
    swing = face["yaw_sin"] * 3.0
    across = (x - swing) / width
    # Below the temples long hair falls straight down.
    down = np.minimum(y + 2, 0) / (face["head_top"] * (face["hair_volume"] * 0.5 + 0.6))
    mass = edge((np.sqrt(across * across + down * down) - 1) * width)
    mass *= edge(y - face["hair_length"])
    turned = x - face["yaw_sin"] * 14
    line = face["hairline"] + face["pitch_sin"] * 8 + turned * face["parting"]
    fringe = edge(y - line - turned * turned * face["hair_curve"])
    mass *= 1 - head_cover * (1 - fringe)
    strand = (x * 0.75 + y * face["parting"]) * (1 + face["hair_wave"])
    wave = np.abs(strand - np.floor(strand) - 0.5)
    return mass, face["hair"] * (0.85 + wave * face["hair_wave"] * 1.6) + wave * 0.04


def _light(
    across: Array, down: Array, squared: Array, cover: Array, hair: Array, face: Columns
) -> Array:
    """Return the light on an egg-shaped head (Lambert), and plain light on all else."""
    facing = np.sqrt(np.maximum(1 - squared, 0))
    light = face["light_x"] * across.clip(-1, 1) + face["light_y"] * down.clip(-1, 1)
    light += face["light_z"] * (facing - 0.6)
    light *= np.maximum(cover, hair)
    lit: Array = np.maximum(1 + light, 0.12)
    return lit
