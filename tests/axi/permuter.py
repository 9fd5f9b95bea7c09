"""Settings of the permuter (docs/reference/streams.md, "Settings of the permuter")."""

from array_sizes import log2


def permuter_settings(array, order):
    """Bits of the `order` part."""
    return pass_settings(order, array.stage_bits) if array.path == "inline" else benes_settings(order)


def benes_settings(order):
    """Path `recon`: the looping algorithm."""
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


def switch_of(place, bit):
    """Number of the switch of a stage that joins this place with another one."""
    return place >> (bit + 1) << bit | place & ((1 << bit) - 1)


def pass_settings(order, stage_bits):
    """Path `inline`: behind each stage a row has one more bit of the place at which it leaves."""
    ways = len(order)
    settings = [0] * (len(stage_bits) * ways // 2)
    for leaves, enters in enumerate(order):
        place = enters
        for stage, bit in enumerate(stage_bits):
            exchanged = (place ^ leaves) >> bit & 1
            settings[stage * ways // 2 + switch_of(place, bit)] = exchanged
            place ^= exchanged << bit
    return settings


def apply_settings(settings, ways, stage_bits):
    """Which input leaves at each place, by the description of the network alone."""
    places = list(range(ways))
    for stage, bit in enumerate(stage_bits):
        for i in range(ways // 2):
            q = (i >> bit) << (bit + 1) | (i & ((1 << bit) - 1))
            if settings[stage * ways // 2 + i]:
                places[q], places[q + (1 << bit)] = places[q + (1 << bit)], places[q]
    return places
