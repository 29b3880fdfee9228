"""Company filings: the facts that companies report to the SEC, and the store that keeps them."""
