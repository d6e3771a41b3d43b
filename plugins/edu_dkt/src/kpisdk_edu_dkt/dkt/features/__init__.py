"""From interactions to the numbers that a network reads, fitted on training students only."""
