import torch

from harness.tensors.sampling import balanced, uniform

LABELS = torch.tensor([2] * 900 + [0] * 90 + [5] * 10)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_uniform_draws_every_image_once() -> None:
    assert sorted(uniform(LABELS, seeded()).tolist()) == list(range(1000))


def test_balanced_draws_each_class_equally_often_as_torchs_weighted_sampler_does() -> None:
    drawn = torch.cat([balanced(LABELS, seeded(seed)) for seed in range(20)])
    assert len(drawn) == 20 * len(LABELS)
    counts = torch.bincount(LABELS)
    sampler = torch.utils.data.WeightedRandomSampler(
        (1 / counts[LABELS]).tolist(), 20_000, generator=seeded()
    )
    found = torch.bincount(LABELS[drawn]) / len(drawn)
    expected = torch.bincount(LABELS[torch.tensor(list(sampler))]) / 20_000
    # Five standard deviations of the difference of two shares of 20,000 draws.
    torch.testing.assert_close(found, expected, atol=0.024, rtol=0)
    assert found.nonzero().flatten().tolist() == [0, 2, 5]


def test_balanced_draws_every_image_of_a_class_equally_often() -> None:
    drawn = torch.cat([balanced(LABELS, seeded(seed)) for seed in range(60)])
    times = torch.bincount(drawn, minlength=len(LABELS))[990:]
    # 20,000 draws of ten images: 2,000 each, with a standard deviation of 42.
    assert (times - 2000).abs().max() < 210


def test_the_same_generator_draws_the_same_again() -> None:
    assert torch.equal(balanced(LABELS, seeded(3)), balanced(LABELS, seeded(3)))
    assert not torch.equal(balanced(LABELS, seeded(3)), balanced(LABELS, seeded(4)))
