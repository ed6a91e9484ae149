"""Where models run: in this process, or elsewhere behind the same interface."""
