"""The kinds of messages that welcome sends."""
