"""The store: events, accounts, identifiers, assessments and request ids in SQLite or PostgreSQL."""
