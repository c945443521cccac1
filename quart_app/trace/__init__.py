"""What was seen of answers, kept for a while for `scholiast trace` (`quart_app.commands.trace`)."""
