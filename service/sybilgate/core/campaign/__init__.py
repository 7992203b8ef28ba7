"""Campaigns: groups of flagged accounts that evidence holds together, built while they come and never from everybody."""
