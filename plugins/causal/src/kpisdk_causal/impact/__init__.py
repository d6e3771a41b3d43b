"""What an intervention changed: in a series over time, in a panel of units, along paths."""
