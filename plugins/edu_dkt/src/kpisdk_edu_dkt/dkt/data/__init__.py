"""What an interaction is: the columns, their rules, and how files become checked interactions."""
