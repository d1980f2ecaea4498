"""Pages for people: thin views."""
