"""Results as pictures for papers and slides: trends with bands, bars by slice (matplotlib)."""
