"""The one exception of this folder: a sentence for the person at the keyboard."""


class Problem(Exception):
    """What is wrong and its cure, in one sentence; shown without a traceback."""
