"""From rows to uncertainty: influence of each row, clusters, intervals and p-values."""
