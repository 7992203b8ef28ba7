"""Training and judging models by replaying a log through the code that serves."""
