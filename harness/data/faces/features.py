"""Brows, eyes, ears, nose and mouth."""

import numpy as np

from harness.data.faces.canvas import Canvas, Window, blob, edge
from harness.data.faces.dice import Array, Columns


def ear(canvas: Canvas, side: int) -> None:
    """Draw one ear beside the head, which hair may hide later."""
    face = canvas.face
    x = side * face["head_width"] * 0.97
    with canvas.window(x, face["eye_y"] + 3, 5, 7) as window:
        radius = np.sqrt((window.u / 2.2) ** 2 + (window.v / 4.2) ** 2)
        hidden = (face["yaw_sin"] * side * 3).clip(0, 1)
        window.paint(edge((radius - 1) * 2.2) * (1 - hidden), face["skin"] * 0.86)
        window.shade(edge((radius - 0.5) * 2.2) * (1 - hidden), 0.2)


def brow(canvas: Canvas, side: int) -> None:
    """Draw the brow on one side (-1 left in the picture, 1 right)."""
    face = canvas.face
    gain = 1 + side * face["lopsided"]
    inner, outer = face["brow_inner"] * gain, face["brow_outer"] * gain
    x = side * (face["eye_gap"] + 0.4 - face["brow_pinch"] * 0.6)
    y = face["eye_y"] - face["brow_height"] + (inner + outer) / 2
    with canvas.window(x, y, 8, 8) as window:
        along = side * window.u / face["brow_length"]
        arch = face["brow_arch"] * (1 - along * along)
        middle = (outer - inner) / 2 * along - arch + 0.4
        thick = face["brow_thick"] * (1 - 0.45 * np.maximum(along, 0))
        cover = edge(np.abs(window.v - middle) - thick)
        cover *= edge((np.abs(along) - 1) * face["brow_length"])
        window.shade(blob(window.u, window.v - middle - 2.5, 6.5, 2.6), 0.16)
        window.paint(cover * 0.88, face["brow_tone"])


def eye(canvas: Canvas, side: int) -> None:
    """Draw the eye on one side: socket, white, iris, lids and the bag below."""
    face = canvas.face
    with canvas.window(side * face["eye_gap"], face["eye_y"], 8, 7) as window:
        u, v = side * window.u, window.v + side * window.u * face["eye_slant"]
        bow = np.maximum(1 - (u / face["eye_width"]) ** 2, 0)
        upper = -np.maximum(face["eye_open"] + face["lid_upper"], 0) * bow
        lower = np.maximum(1.1 + face["lid_lower"], 0) * bow
        window.shade(blob(u, v - 0.3, 7.0, 5.2), 0.20)
        within = edge(np.abs(u) - face["eye_width"])
        _ball(window, edge(upper - v) * edge(v - lower) * within, v, face)
        lash = 0.45 + 0.35 * face["make_up"]
        window.shade(edge(np.abs(v - upper) - lash) * within, 0.72)
        window.shade(edge(np.abs(v - lower) - 0.2) * within, 0.28)
        crease = edge(np.abs(v - upper * 0.8 + 2.0) - 0.25) * within
        window.shade(crease, 0.25)
        _bags(window, u, v, lower, face)


def _ball(window: Window, cover: Array, v: Array, face: Columns) -> None:
    white = 0.42 + 0.5 * face["skin"]
    window.paint(cover, white)
    across = window.u - face["gaze_x"]
    down = v + 0.35 - face["gaze_y"] - face["gaze_down"]
    distance = np.sqrt(across * across + down * down)
    window.paint(cover * edge(distance - face["iris_size"]), face["iris"])
    window.paint(cover * edge(distance - 0.7), 0.02)
    window.paint(cover * blob(across - 0.8, down + 0.8, 1.1, 1.1), 0.95)


def _bags(window: Window, u: Array, v: Array, lower: Array, face: Columns) -> None:
    """Draw the fold below the eye and the crow's feet beside it."""
    fold = edge(np.abs(v - lower - 1.6 + u * u * 0.06) - 0.35)
    strength = 0.36 * face["cheek"] + 0.3 * face["bag"] + 0.25 * face["age"]
    window.shade(fold * edge(np.abs(u) - 5), strength.clip(0, 0.6))
    beyond = u - face["eye_width"]
    feet = edge(np.abs(np.abs(v - 0.3) - beyond * 0.5) - 0.3)
    window.shade(
        feet * edge(-beyond) * edge(beyond - 3), (0.4 * face["crow"] + 0.2 * face["age"]).clip(0, 1)
    )


def nose(canvas: Canvas) -> None:
    """Draw the nose, its bridge leaning as the head turns, and the wrinkles across it."""
    face = canvas.face
    tip = face["nose_y"] + face["nose_up"]
    zero = np.zeros_like(tip)
    with canvas.window(zero, 0.5 + zero, 8, 11) as window:
        v = window.v + 0.5
        u = window.u - face["yaw_sin"] * np.maximum(v + 5, 0) * 0.45
        half = face["nose_width"] * (1 + 0.22 * face["nose_flare"])
        wide = 1.3 + (half - 1.3) * ((v + 5) / (tip + 5)).clip(0, 1) ** 2
        length = edge(v - tip) * edge(-6 - v)
        for side in (-1, 1):
            dark = (0.13 - 0.25 * side * face["light_x"]).clip(0.02, 0.4)
            window.shade(edge(np.abs(u - side * wide) - 0.6) * length, dark)
        window.shade(blob(u, v - tip + 1.6, 2.2, 3.0), -0.16)
        window.shade(blob(u, v - tip - 1.4, half + 1.5, 1.8), 0.34)
        nostril = blob(np.abs(u) - half * 0.52, v - tip - 0.2, 1.5, 1.1)
        window.shade(nostril, 0.8)
        wing = blob(np.abs(u) - half, v - tip + 0.7, 1.1, 1.9)
        window.shade(wing, 0.32)
        _wrinkles(window, u, v, face)


def _wrinkles(window: Window, u: Array, v: Array, face: Columns) -> None:
    strength = (face["nose_wrinkle"] * 0.55).clip(0, 0.65)
    row = (v + 5 + u * u * 0.12) * 0.42
    line = edge((np.abs(row - np.floor(row) - 0.5) - 0.13) * 2.4)
    window.shade(line * edge(np.abs(u) - 2.8) * edge(np.abs(v + 3.2) - 3), strength)
    beside = edge(np.abs(np.abs(u) - 2.6 - (v + 3) * 0.35) - 0.4)
    window.shade(beside * edge(np.abs(v + 1) - 3), strength)


def mouth(canvas: Canvas) -> None:
    """Draw lips, teeth and the dark between them, as wide, bent and open as the units say."""
    face = canvas.face
    zero = np.zeros_like(face["mouth_y"])
    with canvas.window(zero, face["mouth_y"] + 2, 14, 12) as window:
        u, v = window.u, window.v + 2
        half = np.maximum(face["mouth_width"] + face["corner_out"], 2.5)
        along = np.minimum(np.abs(u) / half, 1)
        bow = 1 - along * along
        corner = face["corner"] * (1 + np.sign(u) * face["lopsided"]) * 0.75
        line = corner * (along * along) + (face["lip_centre"] - face["corner"] * 0.25) * bow
        open_ = np.maximum(face["part"], 0) + np.maximum(face["jaw"], 0)
        parted = np.minimum(open_, 1)
        # The wider the jaw drops, the rounder the mouth.
        round_ = bow + (np.sqrt(bow) - bow) * (face["jaw"] * 0.25).clip(0, 1)
        upper = line + (face["lip_upper"] * parted - 0.3 * face["part"]) * bow
        upper = upper - 0.16 * np.maximum(face["jaw"], 0) * round_
        lower = line + (face["jaw"] + 0.9 * face["part"] + face["lip_lower"] * parted) * round_
        within = edge(np.abs(u) - half)
        _lips(window, v, upper, lower, bow, within, face)
        _gap(window, v, upper, lower, within * parted, face)
        pressed = face["press"].clip(0, 1)
        closed = edge(np.abs(v - line) - 0.45 - 0.3 * pressed) * within * (1 - parted)
        window.shade(closed, 0.62)
        window.shade(blob(np.abs(u) - half, v - face["corner"] * 0.75, 1.3, 1.3), 0.35)


def _lips(
    window: Window, v: Array, upper: Array, lower: Array, bow: Array, within: Array, face: Columns
) -> None:
    full = np.maximum(face["lips"] * (1 - face["lip_thin"]), 0.1)
    raised = np.maximum(-face["lip_upper"], 0) * 0.4
    top = upper - (full + raised) * np.minimum(bow * 1.6, 1)
    bottom = lower + full * 1.3 * bow
    tone = face["skin"] * face["lip_tone"] * (1 - 0.3 * face["make_up"])
    window.shade(blob(window.u, v - bottom - 1.6, 4.5, 1.8), 0.22)
    window.paint(edge(top - v) * edge(v - bottom) * within, tone)
    shine = blob(window.u, v - (lower + bottom) / 2, 3.0, 0.9)
    window.shade(shine * within, -0.14)


def _gap(
    window: Window, v: Array, upper: Array, lower: Array, within: Array, face: Columns
) -> None:
    inside = edge(upper - v) * edge(v - lower) * within
    window.paint(inside, 0.07)
    above = (face["teeth"] * 2.6).clip(0, 2.8)
    below = (face["teeth_lower"] * 1.8).clip(0, 2.2)
    bright = 0.55 + 0.4 * face["skin"]
    window.paint(inside * edge(v - upper - above) * np.minimum(above, 1), bright)
    window.paint(inside * edge(lower - below - v) * np.minimum(below, 1), bright * 0.9)
