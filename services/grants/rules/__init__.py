"""The rules of grants without a database and without the web."""
