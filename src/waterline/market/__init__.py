"""What was priced: the day's arithmetic, growth against guidance, and the buyers' capital spending."""
