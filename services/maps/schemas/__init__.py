"""What comes in and what goes out, as marshmallow schemas: for the API's documentation and for the pages' forms."""
