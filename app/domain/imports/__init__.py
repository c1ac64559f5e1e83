"""Files of other systems taken in: accounts of a billing system, payments of a bank, places of houses.

`profiles` says what a file looks like, `text` reads it, `account_lines` and `bank_lines` turn a line into values or
refuse it, `accounts`, `payments` and `house_lines` store a chunk of lines in one transaction, `batches` runs a file
from its first line to the last, `undoing` takes it back.
"""
