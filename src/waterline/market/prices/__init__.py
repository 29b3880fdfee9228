"""Share prices: reading them from files, splits and dividends, and the store that keeps them."""
