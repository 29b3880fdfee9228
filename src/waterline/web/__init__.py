"""The living report: studies and every quantity in the browser, and the same answers as JSON."""
