"""The bench of a prompt engineer: prompt files checked, shown and saved, as a command or a page."""
