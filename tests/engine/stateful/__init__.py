"""Two engines and the plain model through one course of requests."""
