"""Qdrant's engine in this process, behind the interface of qdrant-client."""
