"""The ConnectNow dialect over declared endpoints."""
