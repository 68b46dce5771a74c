"""Taking files in: a folder with a table of records, or one record per sub-folder.

Data walks one way: `table` / `scan` read what is there → `take` hashes and copies each file once → `plan`
packs records into list statements → `journal` keeps them before the ledger has them → accepted.
What cannot be taken is a `Fault` in a report; it never stops the rest.
"""
