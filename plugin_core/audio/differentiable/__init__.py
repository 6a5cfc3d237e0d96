"""The synthesizer of the models in PyTorch: the same sound as the kernels, with gradients."""
