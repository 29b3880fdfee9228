"""How long training takes: steps, plans, memory, and predictions of published runs."""
