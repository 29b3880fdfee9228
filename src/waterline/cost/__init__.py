"""What it costs: four ways to price a model, clusters and their power, ownership, tokens, and moves between chips."""
