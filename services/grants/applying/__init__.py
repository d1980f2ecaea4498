"""Applying: drafts that several people write together, submission with a receipt, correction, withdrawal."""
