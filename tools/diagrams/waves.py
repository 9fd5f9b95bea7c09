"""Timing diagrams: a lane for each signal, a column for each cycle."""

from svg import Picture

LANE = 30  # px from lane to lane
SIGNAL = 19  # px, height of a signal
TOP = 34


class Waves:
    """`names` [lanes]; cycle c is a column `cell` px wide. Without `numbered` time has no scale."""

    def __init__(self, title, names, cycles, cell, numbered=True, left=196):
        self.left, self.cell = left, cell
        self.picture = Picture(left + cycles * cell + 12, TOP + len(names) * LANE + 8, title)
        self.names = list(names)
        for c in range(cycles):
            if not numbered:
                break
            x = self._x(c)
            self.picture.line((x, TOP - 8), (x, self.picture.height - 6), style="line dashed grid")
            if cell > 30 or c % 2 == 0:
                self.picture.text(x + cell / 2, 18, str(c), style="quiet")
        self.picture.text(left - 8, 18, "cycle" if numbered else "time", "end", "quiet")
        for i, name in enumerate(self.names):
            self.picture.text(left - 8, TOP + i * LANE + 15, name, "end")

    def _x(self, cycle):
        return self.left + cycle * self.cell

    def _y(self, name):
        return TOP + self.names.index(name) * LANE

    def bits(self, name, levels):
        """One character per cycle: 0 or 1."""
        y, points = self._y(name), []
        for c, level in enumerate(levels):
            height = y + (0 if level == "1" else SIGNAL)
            points += [(self._x(c), height), (self._x(c + 1), height)]
        self.picture.line(*points)

    def word(self, name, cycle, text, cycles=1, kind="array"):
        """A value that is there for some cycles."""
        y = self._y(name)
        self.picture.box(self._x(cycle) + 1, y, cycles * self.cell - 2, SIGNAL, text, kind)

    def words(self, name, cycle, texts, kind="array"):
        for i, text in enumerate(texts):
            if text:
                self.word(name, cycle + i, text, 1, kind)
