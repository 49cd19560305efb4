"""Who stands before the camera, how the head is held, and where the light comes from."""

import numpy as np

from harness.data.faces.dice import Array, Columns, Dice

# Lengths are pixels of a face 48 pixels high, from the middle of the head, downwards positive.
IDENTITY: dict[str, tuple[float, float]] = {
    "head_width": (13.6, 17.2),
    "head_top": (19.5, 23.0),
    "chin": (19.0, 23.0),
    "taper": (0.02, 0.30),
    "square": (0.0, 0.55),
    "skin": (0.4, 0.9),
    "eye_gap": (6.4, 8.2),
    "eye_y": (-5.6, -3.6),
    "eye_width": (3.3, 4.5),
    "eye_open": (1.4, 2.1),
    "eye_slant": (-0.14, 0.08),
    "iris": (0.04, 0.42),
    "iris_size": (1.75, 2.2),
    "brow_height": (4.2, 5.6),
    "brow_length": (4.0, 5.6),
    "brow_thick": (0.45, 1.35),
    "brow_arch": (0.2, 1.4),
    "nose_y": (3.6, 6.2),
    "nose_width": (2.4, 4.0),
    "mouth_y": (11.2, 13.2),
    "mouth_width": (4.9, 6.8),
    "lips": (0.8, 1.9),
    "lip_tone": (0.62, 0.92),
    "lopsided": (-0.25, 0.25),
    "hair_volume": (1.0, 1.3),
    "hairline": (-20.0, -12.5),
    "hair_curve": (0.0, 0.07),
    "parting": (-0.4, 0.4),
    "gaze_x": (-1.3, 1.3),
    "gaze_y": (-0.5, 0.5),
}


def people(count: int, dice: Dice) -> Columns:
    """Draw ``count`` people, all different, each trait an array ``(count,)``."""
    traits = {name: dice.bell(count, *limits) for name, limits in IDENTITY.items()}
    traits["skin"] = dice.uniform(count, *IDENTITY["skin"])
    age = dice.uniform(count)
    traits["age"] = age * age
    traits.update(_hair(count, traits, dice))
    bearded = dice.chance(count, 0.14)
    traits["beard"] = bearded * dice.uniform(count, 0.2, 0.7)
    traits["moustache"] = np.where(bearded, dice.uniform(count, 0.2, 0.9), 0.0)
    traits["make_up"] = ~bearded * dice.uniform(count, -0.6, 1.0).clip(0, 1)
    return traits


def _hair(count: int, traits: Columns, dice: Dice) -> Columns:
    tone = dice.uniform(count)
    grey = dice.chance(count, 0.3 * traits["age"])
    dark = 0.05 + 0.6 * tone * tone * traits["skin"]
    hair = np.where(grey, dice.uniform(count, 0.5, 0.85), dark)
    bald = dice.chance(count, 0.07)
    short = dice.chance(count, 0.5)
    length = np.where(short, dice.uniform(count, -9.0, -1.0), dice.uniform(count, 8.0, 34.0))
    flat = traits["hair_volume"] * 0.45 + 0.55
    return {
        "hair": hair,
        "brow_tone": np.minimum(hair, traits["skin"] * 0.55) * 0.8,
        "hair_length": np.where(bald, np.float32(-40), length),
        "hair_volume": np.where(short, flat, traits["hair_volume"]),
        "hair_wave": dice.uniform(count, 0.1, 0.45),
    }


def camera(count: int, difficulty: float, dice: Dice) -> Columns:
    """Draw the pose of the head and its place in the picture, each an array ``(count,)``."""
    reach = 0.3 + 0.7 * difficulty
    pose = {
        "scale": dice.bell(count, 1.15 - 0.16 * reach, 1.15 + 0.16 * reach),
        "centre_x": dice.bell(count, 23.5 - 4.0 * reach, 23.5 + 4.0 * reach),
        "centre_y": dice.bell(count, 23.5 - 3.0 * reach, 23.5 + 3.0 * reach),
    }
    for name, degrees in (("roll", 26), ("yaw", 44), ("pitch", 24)):
        half = reach * degrees / 115  # the tangent of half the angle, nearly
        pose |= _turn(name, dice.bell(count, -half, half))
    return pose


def _turn(name: str, tangent: Array) -> Columns:
    """Return sine and cosine of an angle, given the tangent of its half: division is exact."""
    square = tangent * tangent
    return {f"{name}_sin": 2 * tangent / (1 + square), f"{name}_cos": (1 - square) / (1 + square)}


def light(count: int, difficulty: float, dice: Dice) -> Columns:
    """Draw the light and what lies behind the head, each an array ``(count,)``."""
    harsh = 0.4 + 0.6 * difficulty
    return {
        "light_x": dice.bell(count, -0.9 * harsh, 0.9 * harsh),
        "light_y": dice.bell(count, -0.4 * harsh, 0.1 * harsh),
        "light_z": dice.uniform(count, 0.2, 0.6),
        "back": dice.uniform(count, 0.02, 1.0),
        "back_x": dice.uniform(count, -0.3, 0.3),
        "back_y": dice.uniform(count, -0.3, 0.3),
        "back_edge": dice.uniform(count, -60.0, 60.0),
        "back_step": dice.uniform(count, -0.4, 0.4),
        "cloth": dice.uniform(count, 0.05, 0.95),
    }
