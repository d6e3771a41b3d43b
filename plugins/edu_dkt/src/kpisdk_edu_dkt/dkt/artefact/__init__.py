"""A trained model on disk: tensors, JSON and a card; never a pickle."""
