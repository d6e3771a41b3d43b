"""The KORYXA school's module 1: dictionary, values and guardrail evidence from one events log."""
