"""What comes over the wire from an endpoint: the events of a stream, whatever shape they have."""
