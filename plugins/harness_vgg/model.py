"""A slim VGG: four stages of convolutions with batch norm, and a classifier with dropout."""

from torch import Tensor, nn


class VGG(nn.Module):
    """Four stages of conv-BN-ReLU and a pool, then two linear layers with dropout.

    After Simonyan and Zisserman 2015 (arXiv:1409.1556), with the batch norm of its later versions
    and a narrower head. The first two stages have ``early`` convolutions each and the last two have
    two: with one it is their configuration A, with two their B, less its last stage. Takes
    normalised images ``(N, channels, height, width)`` of at least 16x16 pixels and returns logits
    ``(N, num_classes)``.
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        num_classes: int,
        width: int,
        dropout: float,
        early: int = 1,
    ) -> None:
        super().__init__()
        channels, height, image_width = input_shape
        widths = [width, 2 * width, 4 * width, 8 * width]
        stages: list[nn.Module] = []
        inputs = channels
        for convolutions, outputs in zip((early, early, 2, 2), widths, strict=True):
            for _ in range(convolutions - 1):
                stages += [*_conv_bn(inputs, outputs), nn.ReLU(inplace=True)]
                inputs = outputs
            # Conv-BN-ReLU-pool: the largest of four does not change its place under ReLU, so the
            # pool may come first, with the same outputs and gradients, and ReLU has less to do.
            stages += [*_conv_bn(inputs, outputs), nn.MaxPool2d(2), nn.ReLU(inplace=True)]
            inputs = outputs
        self.features = nn.Sequential(*stages)
        hidden = widths[-1]
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(hidden * (height // 16) * (image_width // 16), hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, num_classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits ``(N, num_classes)`` of ``images``."""
        logits: Tensor = self.classifier(self.features(images))
        return logits


def _conv_bn(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    # Batch norm subtracts the mean, so a bias before it would have no effect.
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs)
