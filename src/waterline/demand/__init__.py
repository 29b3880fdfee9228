"""What is left below the waterline: demand by layer, its response to price, supply, shares, and who earns it."""
