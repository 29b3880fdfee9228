"""How fast and how cheaply chips serve a model: steps, queues, memory, plans, and published runs."""
