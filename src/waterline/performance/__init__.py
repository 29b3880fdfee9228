"""How long work takes on machines: chips, model architectures, kernels, collectives; then training, and serving."""
