"""The caller's rows as numbers: columns, levels, treatments, covariates."""
