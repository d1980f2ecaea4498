"""The subsidy committee: meetings, agenda, attendance, recusals, votes, decisions, minutes."""
