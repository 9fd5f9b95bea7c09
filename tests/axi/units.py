"""Outliers in the units of path `inline` (docs/packing.md, "Parts of a tile")."""


class Places:
    """Bands of the places that a tile uses."""

    def __init__(self, array, places):
        self.units, self.natural = array.units, list(range(places))
        self.permuter = array.permuter
        # In the order in which units are given: physical rows, then their places.
        self.bands = [[p for row in rows for p in range(row, places, array.rows)] for rows in array.bands]


def parts_of(places, outliers):
    """(order, outliers) of each part of a tile; outliers as in Tile."""
    left, parts = {where: list(pairs) for where, pairs in outliers.items()}, []
    while left or not parts:
        order = order_for_units(places, left)
        placed = place(places, order, left)
        left = {
            key: rest for key, pairs in left.items() if (rest := [p for p in pairs if p not in placed[key]])
        }
        parts.append((order, {key: pairs for key, pairs in placed.items() if pairs}))
    return parts


def place(places, order, outliers):
    """The outliers that get a unit."""
    placed = {key: [] for key in outliers}
    for b in {block for _, block in outliers}:
        for band in places.bands:
            taken = set()
            for row in (order[p] for p in band):
                for pair in sorted(outliers.get((row, b), [])):
                    if pair[0] not in taken and len(taken) < places.units:
                        taken.add(pair[0])
                        placed[row, b].append(pair)
    return placed


class Bands:
    """Rows of a tile in bands."""

    def __init__(self, places, outliers):
        self.places = places
        self.blocks = sorted({block for _, block in outliers})
        self.positions = {key: [upper for upper, _ in pairs] for key, pairs in outliers.items()}
        self.members = [[] for _ in places.bands]

    def count(self, row):
        return sum(len(self.positions.get((row, b), [])) for b in self.blocks)

    def left(self, rows):
        over = 0
        for b in self.blocks:
            wanted = [p for row in rows for p in self.positions.get((row, b), [])]
            over += len(wanted) - min(len(set(wanted)), self.places.units)
        return over

    def fill(self):
        load = [0] * len(self.members)
        for row in sorted(self.places.natural, key=lambda row: -self.count(row)):
            choices = []
            for i, band in enumerate(self.members):
                if len(band) < len(self.places.bands[i]):
                    extra = self.left([*band, row]) - self.left(band) if self.count(row) else 0
                    choices.append((extra, load[i], i))
            _, _, best = min(choices)
            self.members[best].append(row)
            load[best] += self.count(row)

    def exchange(self, b):
        mine = self.members[b]
        for i in range(len(mine)):
            for c, other in enumerate(self.members):
                if c == b:
                    continue
                for j in range(len(other)):
                    before = self.left(mine), self.left(other)
                    mine[i], other[j] = other[j], mine[i]
                    after = self.left(mine), self.left(other)
                    if after[0] < before[0] and sum(after) < sum(before):
                        return True
                    mine[i], other[j] = other[j], mine[i]
        return False

    def improve(self):
        for _ in range(4):
            changed = False
            for b in range(len(self.members)):
                while self.left(self.members[b]) > 0 and self.exchange(b):
                    changed = True
            if not changed:
                return


def order_for_units(places, outliers):
    natural, found = places.natural, Bands(places, outliers)
    if not places.permuter or all(found.left(band) == 0 for band in places.bands):
        return natural
    found.fill()
    found.improve()
    order = list(natural)
    for band, rows in zip(places.bands, found.members, strict=True):
        for p, row in zip(sorted(band), sorted(rows), strict=True):
            order[p] = row
    return order
