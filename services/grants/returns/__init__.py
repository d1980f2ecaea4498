"""Money that has to come back: what a settlement leaves over, what is clawed back, paid in parts, reminded of."""
