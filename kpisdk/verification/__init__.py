"""Reports that can be checked: computed again and set side by side, signed and proved unchanged."""
