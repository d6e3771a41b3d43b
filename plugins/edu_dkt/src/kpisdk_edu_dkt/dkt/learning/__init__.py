"""Training: the network, its batches, the loop, checkpoints, devices. Needs the extra ``train``."""
