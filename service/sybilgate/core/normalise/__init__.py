"""Normalising: from what a caller sent to the value that counts. Pure, and no input makes it raise."""
