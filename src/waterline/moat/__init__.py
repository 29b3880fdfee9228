"""How bound a code base is to CUDA: what it uses, what has an equal elsewhere, and what moving it would take."""
