"""Assessing a whole base outside of the store: from a snapshot in Parquet, by an engine that reads SQL, to Parquet."""
