"""Models, losses, gradients, optimisers and the training loop, in plain NumPy."""
