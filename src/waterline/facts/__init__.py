"""What is known: cited values with the date they are true of and the date they were published."""
