"""A small residual network that halves the images at once and pools before it normalises."""

import itertools

from torch import Tensor, nn


class FastNet(nn.Module):
    """A stem of stride 2, three stages of a convolution and a residual one, and a linear layer.

    Put together from what made small networks learn in few passes: a stem that leaves a quarter of
    the pixels, pooling before batch norm and one residual convolution a stage (Page 2018, "How to
    train your ResNet"; Jordan 2024, arXiv:2404.00498), a global maximum, and a classifier without
    bias that begins at zero. Takes normalised images ``(N, channels, height, width)`` of at least
    16x16 pixels and any size above, and returns logits ``(N, num_classes)``.
    """

    def __init__(
        self, input_shape: tuple[int, int, int], num_classes: int, width: int, dropout: float
    ) -> None:
        super().__init__()
        widths = [width, 2 * width, 4 * width, 4 * width]
        layers: list[nn.Module] = [
            nn.Conv2d(input_shape[0], width, 4, stride=2, padding=1, bias=False),
            *_norm_relu(width),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            *_norm_relu(width),
        ]
        for inputs, outputs in itertools.pairwise(widths):
            layers += [
                nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
                nn.MaxPool2d(2),
                *_norm_relu(outputs),
                Residual(outputs),
            ]
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(widths[-1], num_classes, bias=False)
        nn.init.zeros_(self.classifier.weight)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits ``(N, num_classes)`` of ``images``."""
        features: Tensor = self.features(images).amax((2, 3))
        logits: Tensor = self.classifier(self.dropout(features))
        return logits


class Residual(nn.Module):
    """A conv-BN-ReLU that is added to its input; both ``(N, channels, H, W)``."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        convolution = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.body = nn.Sequential(convolution, *_norm_relu(channels))

    def forward(self, images: Tensor) -> Tensor:
        """Return the input and what the convolution adds to it."""
        added: Tensor = self.body(images)
        return images + added


def _norm_relu(channels: int) -> tuple[nn.Module, ...]:
    return nn.BatchNorm2d(channels), nn.ReLU(inplace=True)
