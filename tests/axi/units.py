"""Outliers in the units of path `inline` (docs/reference/streams.md, "Parts of a tile")."""

from functools import reduce
from operator import or_

from array_sizes import log2


class Places:
    """Bands of the places that a tile uses."""

    def __init__(self, array, places):
        self.units, self.natural = array.units, list(range(places))
        self.permuter = array.permuter
        # In the order in which units are given: physical rows, then their places.
        self.bands = [[p for row in rows for p in range(row, places, array.rows)] for rows in array.bands]
        self.rows, self.band_rows = array.rows, array.band_rows
        self.seats = len(self.bands[0])

    def on_seat(self, seat):
        """The places of a seat, one of each band."""
        second, row = divmod(seat, self.band_rows)
        first = second * self.rows + row
        return list(range(first, first + self.rows, self.band_rows))


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


class Exchange:
    """Rows of a tile on their way through the switches into bands."""

    def __init__(self, places, outliers):
        self.places = places
        self.stages = log2(len(places.bands))
        self.blocks = sorted({block for _, block in outliers})
        self.wanted = sum(len(pairs) for pairs in outliers.values())
        # Of each row, for each micro-block with outliers: a bit for each position.
        self.positions = [
            [sum(1 << upper for upper, _ in outliers.get((row, b), [])) for b in self.blocks]
            for row in places.natural
        ]
        self.turned = set()
        self.rows = [places.on_seat(q) for q in range(places.seats)]  # [seat][band]
        used = [q for q, rows in enumerate(self.rows) if any(any(self.positions[row]) for row in rows)]
        self.switches = [
            (s, q, b)
            for s in reversed(range(self.stages))
            for q in used
            for b in range(len(places.bands))
            if not b >> s & 1
        ]

    def left(self):
        """Outliers that get no unit, in all bands."""
        served = 0
        for rows in zip(*self.rows, strict=True):  # of a band
            for masks in zip(*(self.positions[row] for row in rows), strict=True):
                seen = reduce(or_, masks)
                served += min(seen.bit_count(), self.places.units)
        return self.wanted - served

    def turn(self, switch):
        self.turned ^= {switch}
        seat = switch[1]
        rows = self.places.on_seat(seat)
        for s in range(self.stages):
            for b in range(len(rows)):
                if (s, seat, b) in self.turned:
                    other = b + (1 << s)
                    rows[b], rows[other] = rows[other], rows[b]
        self.rows[seat] = rows

    def rounds(self):
        """Number left when no single switch helps."""
        left, changed = self.left(), True
        while left and changed:
            changed = False
            for switch in self.switches:
                self.turn(switch)
                after = self.left()
                if after < left:
                    left, changed = after, True
                    if not left:
                        break
                else:
                    self.turn(switch)
        return left

    def pairs(self, left):
        while 1 <= left <= 2:
            after = self.pair(left)
            if after is None:
                return
            left = after

    def pair(self, left):
        """Turns the first two switches that help together, and returns the number left."""
        for one in self.switches:
            self.turn(one)
            if self.left() <= left + 1:
                for two in self.switches:
                    self.turn(two)
                    after = self.left()
                    if after < left:
                        return after
                    self.turn(two)
            self.turn(one)
        return None

    def order(self):
        order = list(self.places.natural)
        for q, rows in enumerate(self.rows):
            for place, row in zip(self.places.on_seat(q), rows, strict=True):
                order[place] = row
        return order


def order_for_units(places, outliers):
    if not places.permuter:
        return places.natural
    exchange = Exchange(places, outliers)
    exchange.pairs(exchange.rounds())
    return exchange.order()
