"""One act on one or many records: from what was typed to a draft that the catalogue admits."""
