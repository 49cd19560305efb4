"""What units and years leave in the skin: forehead lines, frown, cheeks, folds, chin; beards."""

import numpy as np

from harness.data.faces.canvas import Canvas, blob, edge


def forehead(canvas: Canvas) -> None:
    """Draw the lines across the forehead and the furrows between the brows."""
    face = canvas.face
    zero = np.zeros_like(face["eye_y"])
    y = face["eye_y"] - face["brow_height"] - 5
    with canvas.window(zero, y, 13, 6) as window:
        row = (window.v + window.u * window.u * 0.01) * 0.36
        line = edge((np.abs(row - np.floor(row) - 0.5) - 0.1) * 2.8)
        far = np.minimum((window.u / 9) ** 2, 1)
        strength = face["forehead_centre"] * (1 - far) + face["forehead_side"] * far
        strength = (0.3 * strength + 0.3 * face["age"]).clip(0, 0.5)
        window.shade(line * edge(np.abs(window.v) - 4) * edge(np.abs(window.u) - 10), strength)
    with canvas.window(zero, y + 6, 5, 6) as window:
        furrow = edge(np.abs(np.abs(window.u) - 1.3) - 0.35) * edge(np.abs(window.v) - 2.8)
        window.shade(furrow, (0.5 * face["furrow"] + 0.2 * face["age"]).clip(0, 0.65))
        window.shade(blob(window.u, window.v, 3.5, 4.5), (0.22 * face["furrow"]).clip(0, 0.3))


def folds(canvas: Canvas) -> None:
    """Draw the cheeks, the folds from nose to mouth, and those below its corners."""
    face = canvas.face
    zero = np.zeros_like(face["nose_y"])
    with canvas.window(zero, 9.0 + zero, 16, 12) as window:
        u, v = np.abs(window.u), window.v + 9
        raised = face["cheek"].clip(0, 1)
        window.shade(blob(u - 9.5, v - 5.5 + raised * 1.5, 5.0, 4.5), -0.16 * raised)
        top = face["nose_y"] + face["nose_up"] + 0.5
        bottom = face["mouth_y"] + face["corner"] * 0.5 + 0.5
        start, end = face["nose_width"] + 1, face["mouth_width"] + face["corner_out"] + 1.6
        along = ((v - top) / np.maximum(bottom - top, 1)).clip(0, 1)
        path = start + (end - start) * along * (2 - along)
        line = edge((np.abs(u - path) - 0.4) * 0.6) * edge(top - v) * edge(v - bottom)
        window.shade(line, (0.32 * face["nasolabial"] + 0.22 * face["age"]).clip(0, 0.6))
        below = face["mouth_y"] + np.maximum(face["corner"], 0) + 1
        path = end - 1 + (v - below) * 0.35
        line = edge(np.abs(u - path) - 0.5) * edge(below - v) * edge(v - below - 3)
        window.shade(line, (0.45 * face["corner_fold"] + 0.2 * face["age"]).clip(0, 0.6))


def chin(canvas: Canvas) -> None:
    """Draw the crease above the chin and the dimples that AU17 makes on it."""
    face = canvas.face
    zero = np.zeros_like(face["mouth_y"])
    y = face["mouth_y"] + 5 + face["jaw"] * 0.8
    with canvas.window(zero, y, 7, 6) as window:
        boss = face["chin_boss"].clip(0, 1)
        arc = edge(np.abs(window.v + 1 - window.u * window.u * 0.12) - 0.5)
        window.shade(arc * edge(np.abs(window.u) - 4), 0.08 + 0.4 * boss)
        window.shade(blob(np.abs(window.u) - 1.5, window.v - 2, 1.2, 1.2), 0.3 * boss)
        window.shade(blob(window.u, window.v - 2.5, 4, 3), -0.12 * boss)


def beard(canvas: Canvas) -> None:
    """Draw stubble or a beard round the mouth, and a moustache above it."""
    face = canvas.face
    zero = np.zeros_like(face["mouth_y"])
    with canvas.window(zero, face["mouth_y"] + 2, 16, 12) as window:
        u, v = window.u, window.v + 2
        low = edge(2 - v - u * u * 0.06) * edge(np.abs(u) - 13)
        within = edge((np.sqrt((u / 13) ** 2 + (v / 11) ** 2) - 1) * 8)
        window.paint(low * within * face["beard"], face["hair"])
        bar = edge(np.abs(v + 3.0 - u * u * 0.03) - 1.1) * edge(np.abs(u) - 6.5)
        window.paint(bar * face["moustache"], face["hair"])
