"""The reviewers' console: pages drawn at the server, by a client of the gRPC API that never sees a table."""
