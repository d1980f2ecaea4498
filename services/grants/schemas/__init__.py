"""The JSON of the API: what comes in, what goes out. Times are ISO 8601 with a zone, money is whole won."""
