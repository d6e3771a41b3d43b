"""What a knowledge tracer is compared with: answers foreseen from counts and means alone."""
