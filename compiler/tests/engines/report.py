"""What was claimed, and what an engine said to it."""

import time


class Report:
    """Prints claims and counts the objections to them."""

    def __init__(self):
        self.disagreements = 0
        self._started = time.monotonic()

    def claim(self, text, objections=()):
        """One claim; it holds when there are no objections."""
        objections = list(objections)
        self.disagreements += len(objections)
        print(f"{time.monotonic() - self._started:6.1f} s  {'FAILED' if objections else 'ok    '}  {text}", flush=True)
        for objection in objections[:10]:
            print(f"          {objection}", flush=True)
        if len(objections) > 10:
            print(f"          and {len(objections) - 10} more", flush=True)
