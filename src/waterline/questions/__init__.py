"""The verbs that every door speaks: ask, explain, compare."""
