"""The gRPC adapter: contract in, core values out, one micro-batch at a time."""
