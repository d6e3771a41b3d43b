"""Deep Knowledge Tracing: data contract, generator, model, training, judging, artefact, serving.

The rooms, from the ground up: ``data`` (what an interaction is), ``features`` (numbers a network
reads), ``artefact`` (a trained model on disk), ``serving`` (NumPy only), ``judging`` (metrics,
baselines, knowledge checks), ``learning`` (the only room that knows torch), ``synthetic`` (the
generator and its ceiling), ``exchange`` (ONNX and the notebook's files) and ``commands``.
"""
