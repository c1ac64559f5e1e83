"""The drill: each line of the table of what must happen to a payment, and what must never."""
