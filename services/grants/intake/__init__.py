"""What the staff does with what came in: the list, eligibility, likely duplicates."""
