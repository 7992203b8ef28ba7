"""Campaigns: groups of flagged accounts that evidence holds together, built while they come, never found whole."""
