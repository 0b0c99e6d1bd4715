"""Reports the progress and the remaining time of a long run on standard error."""

import sys
import time


class Progress:
    """Counts steps; call done() after each. Prints at most every `every` seconds, and at the end."""

    def __init__(self, unit, total, finished=0, every=1.0):
        self.unit, self.total, self.every = unit, total, every
        self.finished, self.already = finished, finished
        self.start = self.last = time.monotonic()

    def done(self, note="", steps=1):
        self.finished += steps
        now = time.monotonic()
        if now - self.last < self.every and self.finished < self.total:
            return
        self.last = now
        left = (now - self.start) / (self.finished - self.already) * (self.total - self.finished)
        end = "\n" if self.finished == self.total or not sys.stderr.isatty() else "\r"
        line = f"{self.unit} {self.finished} of {self.total}, {clock(left)} left {note}"
        print(line.rstrip(), end=end, file=sys.stderr, flush=True)


def clock(seconds):
    minutes, seconds = divmod(int(seconds + 0.5), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
