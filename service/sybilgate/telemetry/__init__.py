"""What a running service tells its operators: metrics, logs, traces. None of it holds a caller's value."""
