"""Models that come from elsewhere (the notebook) or go elsewhere (ONNX)."""
