import pytest
import torch
from scipy import stats
from torch.nn import functional

from harness.tensors.mixing import Mixer, Target

GENERATOR = torch.Generator().manual_seed(0)
IMAGES = torch.randn(6, 2, 9, 12, generator=GENERATOR)
LABELS = torch.arange(6)
LOGITS = torch.randn(6, 6, generator=GENERATOR)


def test_nothing_is_mixed_when_both_are_off() -> None:
    images, target = Mixer(0, 0, seed=0)(IMAGES, LABELS)
    assert images is IMAGES
    assert target.labels is LABELS
    loss = target.loss(functional.cross_entropy, LOGITS)
    assert torch.equal(loss, functional.cross_entropy(LOGITS, LABELS))
    assert target.dominant is LABELS


def test_mixup_blends_each_image_with_the_one_whose_label_is_told() -> None:
    images, target = Mixer(0.8, 0, seed=1)(IMAGES, LABELS)
    assert 0.01 < target.share < 0.99
    assert (target.others != target.labels).all()
    expected = target.share * IMAGES + (1 - target.share) * IMAGES[target.others]
    torch.testing.assert_close(images, expected)


def test_cutmix_pastes_one_box_of_the_other_image_and_counts_what_is_left() -> None:
    boxes = set()
    mixer = Mixer(0, 1.0, seed=0)
    for _ in range(50):
        images, target = mixer(IMAGES, LABELS)
        kept = images == IMAGES
        assert torch.equal(kept | (images == IMAGES[target.others]), torch.ones_like(kept))
        assert target.share == pytest.approx(float(kept.float().mean()), abs=1e-6)
        rows, columns = (~kept[0, 0]).nonzero(as_tuple=True)
        if len(rows):
            box = (int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max()))
            boxes.add(box)
            assert len(rows) == (box[1] - box[0] + 1) * (box[3] - box[2] + 1)
        assert torch.equal(kept, kept[:1, :1].expand_as(kept))
    assert len(boxes) > 20
    # Boxes reach all four borders.
    assert {0, 8} <= {row for box in boxes for row in box[:2]}
    assert {0, 11} <= {column for box in boxes for column in box[2:]}


def test_the_batch_that_is_given_stays_as_it_is() -> None:
    before = IMAGES.clone()
    for mixer in (Mixer(1, 0, seed=0), Mixer(0, 1, seed=0)):
        mixer(IMAGES, LABELS)
    assert torch.equal(IMAGES, before)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_the_share_is_drawn_from_beta(alpha) -> None:
    mixer = Mixer(alpha, 0, seed=0)
    shares = [mixer(IMAGES[:2, :, :1, :1], LABELS[:2])[1].share for _ in range(2000)]
    assert stats.kstest(shares, stats.beta(alpha, alpha).cdf).pvalue > 0.01


def test_with_both_on_each_batch_takes_one_of_them_half_of_the_time() -> None:
    mixer = Mixer(1.0, 1.0, seed=0)
    pasted = 0
    for _ in range(1000):
        images, target = mixer(IMAGES, LABELS)
        whole = (images == IMAGES) | (images == IMAGES[target.others])
        pasted += bool(whole.all())
    # Five standard deviations about one half.
    assert abs(pasted - 500) < 80


def test_the_same_seed_mixes_the_same_and_another_seed_otherwise() -> None:
    one, same, other = (Mixer(1.0, 1.0, seed)(IMAGES, LABELS)[0] for seed in (5, 5, 6))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_the_loss_is_the_cross_entropy_of_the_mixed_labels() -> None:
    target = Target(LABELS, LABELS.roll(1), 0.3)
    soft = 0.3 * functional.one_hot(LABELS, 6) + 0.7 * functional.one_hot(LABELS.roll(1), 6)
    found = target.loss(functional.cross_entropy, LOGITS)
    torch.testing.assert_close(found, functional.cross_entropy(LOGITS, soft))


def test_any_loss_is_mixed() -> None:
    target = Target(LABELS, LABELS.roll(1), 0.25)
    margin = functional.multi_margin_loss
    expected = 0.25 * margin(LOGITS, LABELS) + 0.75 * margin(LOGITS, LABELS.roll(1))
    torch.testing.assert_close(target.loss(margin, LOGITS), expected)


def test_shares_of_classes_are_mixed_like_labels() -> None:
    soft = torch.softmax(torch.randn(6, 6, generator=GENERATOR), 1)
    for alphas in ((0.8, 0), (0, 1.0)):
        images, target = Mixer(*alphas, seed=1)(IMAGES, LABELS, soft)
        expected = target.share * soft + (1 - target.share) * soft[target.others]
        found = target.loss(functional.cross_entropy, LOGITS)
        torch.testing.assert_close(found, functional.cross_entropy(LOGITS, expected))
        assert torch.equal(images, Mixer(*alphas, seed=1)(IMAGES, LABELS)[0])
        assert torch.equal(target.dominant, LABELS if target.share >= 0.5 else LABELS.roll(1))


def test_shares_that_are_not_mixed_are_taken_in_place_of_labels() -> None:
    soft = torch.softmax(torch.randn(6, 6, generator=GENERATOR), 1)
    images, target = Mixer(0, 0, seed=0)(IMAGES, LABELS, soft)
    assert images is IMAGES
    found = target.loss(functional.cross_entropy, LOGITS)
    assert torch.equal(found, functional.cross_entropy(LOGITS, soft))
    assert target.dominant is LABELS


def test_the_label_with_the_larger_share_is_the_dominant_one() -> None:
    others = LABELS.roll(1)
    assert Target(LABELS, others, 0.6).dominant is LABELS
    assert Target(LABELS, others, 0.4).dominant is others
