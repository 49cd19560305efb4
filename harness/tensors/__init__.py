"""Where tensors live: device and precision, whole splits in memory, augmentation."""
