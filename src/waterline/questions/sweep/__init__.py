"""The verb ``sweep``: one quantity over a grid of entities and numbers, on as many processes or machines as given."""
