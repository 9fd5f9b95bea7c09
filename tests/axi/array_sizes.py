"""Sizes of an array, from the manifest beside its Verilog (docs/reference/streams.md, "Sizes")."""

import json
from dataclasses import dataclass
from pathlib import Path


def log2(power):
    return power.bit_length() - 1


@dataclass
class Array:
    """Properties of an accelerator that a driver knows. Widths in bits."""

    manifest: dict

    def __post_init__(self):
        config = self.manifest["config"]
        self.hash = int(self.manifest["config_hash"], 16)
        self.rows, self.cols, self.modes = config["rows"], config["cols"], config["modes"]
        self.path, self.encoding = config["outlier_path"], config["encoding"]
        self.micro = config["micro_block"]
        self.location_bits = log2(self.micro)
        self.skip_bits = 12 - 2 * self.location_bits
        self.fraction_bits = config["fraction_bits"]
        self.mantissa_bits = config.get("scale_mantissa_bits", 0)
        self.act_bits, self.row_align_bits = config["act_bits"], config["row_align_bits"]
        self.act_max, self.acc_bits = (1 << (self.act_bits - 1)) - 1, config["acc_bits"]
        top = config["top"]
        self.tokens, self.act_words = top["tokens"], top["act_words"]
        self.lanes_out, self.fifo = top["output_lanes"], top["weight_fifo"]
        self.places_of_row = 2 if 2 in self.modes and self.path != "recon" else 1
        self.lanes = 2 * self.cols if 2 in self.modes and self.path == "recon" else self.cols
        self.weight_rows = top["weight_rows"]
        self.word = max(32, 4 * self.cols)  # of the sections of the weight stream
        self.weight_beat = max(32, 4 * self.cols * self.weight_rows)
        self.act_beat = self.rows * self.act_bits
        self.out_beat = 32 * self.lanes_out
        self.full_range = self.encoding == "full_range"
        self.lead = self.manifest["latency"]["recon"]
        self.units, self.band_rows, self.entries = 1, 1, 0
        if self.path != "none":
            self._outlier_sizes(config)
        self.description_bits = 32 if self.path == "recon" else 8
        self.depths = {memory["name"]: memory["depth"] for memory in self.manifest["memories"]}
        self._check_ports()

    def _outlier_sizes(self, config):
        self.entries = config["outliers_per_block"]
        self.shift_max = config["outlier_shift_max"]
        if self.path == "recon":
            self.units = config["recon"]["units"]
            self.band_rows = self.rows // self.units
        else:
            self.units = config["inline"]["units_per_block"]
            self.band_rows = config["tree_rows"]

    def _check_ports(self):
        widths = {port["name"]: port["width"] for port in self.manifest["ports"]}
        for name, beat in (
            ("s_axis_weight_tdata_i", self.weight_beat),
            ("s_axis_act_tdata_i", self.act_beat),
            ("m_axis_out_tdata_o", self.out_beat),
        ):
            if widths[name] != beat:
                raise ValueError(f"{name} has {widths[name]} bits; the page says {beat}")

    @property
    def permuter(self):
        return self.band_rows > 1 and (self.path == "recon" or len(self.bands) > 1)

    @property
    def stage_bits(self):
        """Bits in which the places differ that each stage of the permuter joins."""
        if self.path == "inline":
            return list(range(log2(self.band_rows), log2(self.rows)))
        levels = log2(self.rows)
        return [*range(levels), *reversed(range(levels - 1))]

    @property
    def switches(self):
        return len(self.stage_bits) * self.ways // 2

    @property
    def section_limit(self):
        """Beats of sections that a block may have."""
        return self.depths["weight section FIFO"]

    @property
    def entry_limit(self):
        return self.depths.get("outlier FIFO", 0)

    @property
    def bands(self):
        """Physical rows of each."""
        return [range(first, first + self.band_rows) for first in range(0, self.rows, self.band_rows)]

    @property
    def ways(self):
        """Places of all rows."""
        return self.places_of_row * self.rows

    def places(self, bits):
        """Those that a mode uses, and rows of its tiles."""
        return self.ways if bits == 2 else self.rows

    def columns(self, bits):
        """Of a tile."""
        return self.lanes if bits == 2 else self.cols


def read_array(directory):
    return Array(json.loads((Path(directory) / "manifest.json").read_text()))
