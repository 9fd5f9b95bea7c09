"""Settings of the permuter (docs/packing.md, "The `order` part")."""

from array_sizes import log2


def permuter_settings(order):
    """Bits of the `order` part."""
    ways = len(order)
    levels = log2(ways)
    settings = [0] * ((2 * levels - 1) * ways // 2)

    def switch(stage, pair, level, low, value):
        settings[stage * ways // 2 + (pair << level | low)] = int(value)

    def route(order, level, low):
        if len(order) == 2:
            switch(level, 0, level, low, order[0] != 0)
            return
        output_of = {source: output for output, source in enumerate(order)}
        side = [None] * len(order)
        for start in range(0, len(order), 2):
            output = start
            while side[output] is None:
                side[output], side[output ^ 1] = 0, 1
                output = output_of[order[output ^ 1] ^ 1]
        inner = [[0] * (len(order) // 2) for _ in range(2)]
        for output, source in enumerate(order):
            inner[side[output]][output // 2] = source // 2
            if output % 2 == 0:
                switch(2 * levels - 2 - level, output // 2, level, low, side[output])
            if source % 2 == 0:
                switch(level, source // 2, level, low, side[output])
        route(inner[0], level + 1, low)
        route(inner[1], level + 1, low | 1 << level)

    route(order, 0, 0)
    return settings


def apply_settings(settings, ways):
    """Which input leaves at each place, by the description of the network alone."""
    places, levels = list(range(ways)), log2(ways)
    for stage in range(2 * levels - 1):
        bit = stage if stage < levels else 2 * levels - 2 - stage
        for i in range(ways // 2):
            q = (i >> bit) << (bit + 1) | (i & ((1 << bit) - 1))
            if settings[stage * ways // 2 + i]:
                places[q], places[q + (1 << bit)] = places[q + (1 << bit)], places[q]
    return places
