"""The vendor's own JavaScript client, unmodified, against the server: what it sends and what it makes of the answers."""
