"""Demo data: goods of an invented fresh-food chain (written for this project, no real brands), stock, riders, members, staff.

Nothing here describes a real company, product or person; barcodes have right check digits but name nothing in any shop.
"""
