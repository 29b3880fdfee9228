"""What a quantity is: units, uncertainty, the graph of formulas, and the trace behind a number."""
