"""Telemetry: the steps of each question as spans, for a collector of OpenTelemetry."""
