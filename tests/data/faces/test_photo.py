"""Random numbers, occlusion and the camera's flaws."""

import numpy as np

from harness.data.faces.dice import Dice, columns
from harness.data.faces.people import camera, people
from harness.data.faces.spoil import flaws, spoil


def test_the_raw_bits_are_the_same_everywhere():
    assert Dice(1, 2).raw(2).tolist() == [8271799387826207682, 7948369750201702571]


def test_uniform_numbers_fill_their_range():
    drawn = Dice(0).uniform(10_000, -1, 3)
    assert drawn.dtype == np.float32
    assert -1 <= drawn.min() < -0.99
    assert 2.99 < drawn.max() < 3


def test_noise_has_mean_zero_and_deviation_one():
    noise = Dice(0).noise(50, 48, 48)
    assert abs(noise.mean()) < 0.01
    assert abs(noise.std() - 1) < 0.01


def test_noise_drawn_in_two_parts_is_noise_drawn_in_one():
    whole, parts = Dice(0), Dice(0)
    assert np.array_equal(
        whole.noise(4, 48, 48), np.concatenate([parts.noise(3, 48, 48), parts.noise(1, 48, 48)])
    )


def test_no_two_people_are_alike():
    traits = people(1000, Dice(0))
    assert len({tuple(person) for person in np.stack(list(traits.values()), axis=1)}) == 1000


def test_sine_and_cosine_of_a_pose_lie_on_the_circle():
    pose = camera(100, 1, Dice(0))
    for turn in ("roll", "yaw", "pitch"):
        assert np.allclose(pose[f"{turn}_sin"] ** 2 + pose[f"{turn}_cos"] ** 2, 1, atol=1e-6)


def test_glasses_change_the_eyes_and_a_hand_the_mouth(portrait):
    plain = portrait({})
    glasses = np.abs(portrait({}, glasses=1, lens=0.8) - plain)
    hand = np.abs(portrait({}, hand=1, hand_x=0, hand_y=14) - plain)
    assert glasses[14:25].sum() > 0.9 * glasses.sum() > 1
    assert hand[24:].sum() > 0.9 * hand.sum() > 1


def test_a_low_hairline_darkens_the_brows(portrait):
    fringe = portrait({}, hairline=0.0, hair=0.05)
    assert fringe[10:16, 16:32].mean() < portrait({}, hair=0.05)[10:16, 16:32].mean()


def test_blur_smooths_only_the_pictures_it_was_drawn_for():
    flaw = {name: np.zeros(2, np.float32) for name in flaws(2, 0, Dice(0))}
    flaw["contrast"] += 1
    flaw["blur"][1] = 0.25
    board = np.indices((2, 48, 48)).sum(axis=0)[:2] % 2
    seen = spoil(board.astype(np.float32), columns(flaw), Dice(0))
    assert np.array_equal(seen[0], board[0] * 255)
    assert seen[1].std() < 10
