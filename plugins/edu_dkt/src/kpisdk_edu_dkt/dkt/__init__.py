"""Deep Knowledge Tracing: data contract, generator, model, training, evaluation, artefact, serving.

The rooms, from the ground up: ``data`` (what an interaction is), ``features`` (numbers a network
reads), ``baseline`` (counts and means), ``artefact`` (a trained model on disk), ``serving`` (NumPy
only), ``evaluation`` (metrics, intervals, knowledge checks), ``learning`` (the only room that knows
torch), ``synthetic`` (the generator and its ceiling), ``exchange`` (ONNX and the notebook's files)
and ``commands``.
"""
