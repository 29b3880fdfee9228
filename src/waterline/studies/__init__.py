"""Claims to verdicts: studies are data files; this layer reads, decides and collects them."""
