"""The rules of booking: no Flask, no database, no clock (an import linter holds that)."""
