"""Effects of a treatment: on average, by segment and for one patient, and who estimates them."""
