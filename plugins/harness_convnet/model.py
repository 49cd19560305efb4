"""The basic ConvNet: three convolutions with ReLU and pooling, and one hidden layer."""

from torch import Tensor, nn


class ConvNet(nn.Module):
    """Three conv-ReLU-pool stages and a hidden layer; no batch norm, no dropout.

    Takes normalised images ``(N, channels, height, width)`` of at least 8x8 pixels and returns
    logits ``(N, num_classes)``.
    """

    def __init__(
        self, input_shape: tuple[int, int, int], num_classes: int, width: int, hidden: int
    ) -> None:
        super().__init__()
        channels, height, image_width = input_shape
        self.features = nn.Sequential(
            *_stage(channels, width),
            *_stage(width, 2 * width),
            *_stage(2 * width, 4 * width),
        )
        flat = 4 * width * (height // 8) * (image_width // 8)
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(flat, hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, num_classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits ``(N, num_classes)`` of ``images``."""
        logits: Tensor = self.classifier(self.features(images))
        return logits


def _stage(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    # Conv-ReLU-pool: the largest of four does not change its place under ReLU, so the pool may
    # come first, with the same outputs and gradients; ReLU then has a quarter to do.
    return nn.Conv2d(inputs, outputs, 3, padding=1), nn.MaxPool2d(2), nn.ReLU(inplace=True)
