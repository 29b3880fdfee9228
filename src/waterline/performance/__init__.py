"""How long work takes on machines: chips, model architectures, kernels, collectives, plans, training steps."""
