"""Two operations at once, at every command of either: what lands is permitted at the moment it lands."""
