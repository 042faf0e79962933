"""Identity (身份): who somebody is, how they show it, and how long that holds.

An *account* has one role. Customers show a phone and a one-time *code*; staff and riders a user name and a password. A *family* is one
signed-in device: its refresh tokens rotate, and one used twice ends it.
Rule: phones, codes, passwords and tokens never reach a log, an event, or another room.
"""
