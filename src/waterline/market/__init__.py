"""What was priced: what a day took away and how it came back, guidance, outlook and valuation, capital spending."""
