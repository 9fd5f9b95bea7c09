"""Tables of the scripts that measure hardware, from small reports made by hand."""

import csv
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import accelerator_parts
import baselines
import clock_curves
import core_tables
import growth
import kept_runs
import model_tables
import outlier_paths
import wires


def power(watts=0.1):
    blocks = [{"block": "PEs", "total_w": 0.06}, {"block": "control", "total_w": 0.01}]
    return {"total_w": watts, "energy_per_mac_j": 8e-12, "blocks": blocks, "clock_pins_w": 0.03}


class Files(unittest.TestCase):
    def test_rows_read_back(self):
        rows = [{"design": "none, trees of 4", "area_um2": "1"}, {"design": "inline", "area_um2": "2"}]
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory) / "x.csv"
            kept_runs.write_csv(file, rows)
            with file.open(encoding="utf-8") as stream:
                self.assertEqual(list(csv.DictReader(stream)), rows)


class Baselines(unittest.TestCase):
    def test_two_bits_are_two_weights_a_pe(self):
        report = {"configuration": {"area_um2": 640000}, "timing": {"fmax_mhz": 250.04}}
        row = baselines.row("ours", 8, 2, 4, report, power())
        found = [row[key] for key in ("macs_per_cycle", "macs_per_cycle_and_mm2", "f_max_mhz", "pj_per_mac")]
        self.assertEqual(found, [128, "200.0", "250.0", "8.00"])
        self.assertEqual(baselines.row("ours", 8, 4, 4, report, None)["macs_per_cycle"], 64)

    def test_a_baseline_has_its_area_at_the_top_and_perhaps_no_timing(self):
        row = baselines.row("gobo, systolic", 16, 3, 1, {"area_um2": 2e6}, None)
        self.assertEqual((row["area_um2"], row["macs_per_cycle_and_mm2"]), ("2000000", "128.0"))
        self.assertEqual((row["f_max_mhz"], row["power_mw_at_100_mhz"]), ("", ""))


class Cores(unittest.TestCase):
    def point(self, path, **config):
        return {
            "library": core_tables.LIBRARY,
            "rows": 8,
            "cols": 8,
            "outlier_path": path,
            "config": config,
            "config_hash": "1",
            "sum_bits": 16,
            "area_um2": 700000.0,
            "blocks": {"PEs": 600000.0, "control": 100000.0},
            "throughput": {"macs_per_cycle": 120.46},
        }

    def test_plain_arrays_with_trees_are_named(self):
        self.assertEqual(core_tables.design(self.point("none", tree_rows=4)), "none, trees of 4")
        self.assertEqual(core_tables.design(self.point("none")), "none")
        self.assertEqual(core_tables.design(self.point("inline", tree_rows=4)), "inline")

    def test_blocks_with_and_without_power(self):
        point = self.point("none")
        without = core_tables.block_rows(point)
        self.assertEqual([row["power_mw_at_100_mhz"] for row in without], ["", ""])
        found = core_tables.block_rows(point | {"power": power()})
        self.assertEqual([row["block"] for row in found], ["PEs", "control", "clock pins"])
        self.assertEqual([row["power_mw_at_100_mhz"] for row in found], ["60.00", "10.00", "30.00"])

    def test_a_core_without_timing(self):
        row = core_tables.core_row(self.point("none"))
        self.assertEqual((row["macs_per_cycle"], row["f_max_mhz"]), ("120.5", ""))


class Others(unittest.TestCase):
    def test_a_clock_that_is_not_met_has_no_area(self):
        point = {"period": 3.2, "mm2": 0.9, "met": True, "needed": 3.1, "recipe": "area"}
        rows = clock_curves.rows_of({8: {"ours": [point, point | {"period": 2.0, "met": False}]}})
        self.assertEqual([row["area_mm2"] for row in rows], ["0.900000", ""])
        self.assertEqual(rows[0]["period_ns"], "3.2")

    def test_small_memories_are_one_part(self):
        parts = [("core", 1e6), ("memory: output accumulators", 2e6), ("memory: x", 3e6), ("memory: y", 4e6)]
        report = {
            "accelerator": {
                "parts": [{"part": part, "area_um2": area} for part, area in parts],
                "memory_launch_energy_j": 5e-10,
            }
        }
        (row,) = accelerator_parts.rows_of({"8x8": report})
        self.assertEqual((row["core mm2"], row["memory: all others mm2"]), ("1.000000", "7.000000"))
        self.assertEqual((row["memory_pj_per_token_start"], row["f_max_mhz"]), ("500", ""))

    def test_a_step_that_was_not_measured_is_empty(self):
        known = {"inline 8 synth": {"cpu_seconds": 7.64, "mb": 72}}
        (row,) = growth.rows_of(known, [8], ["inline"])
        self.assertEqual((row["synth_cpu_s"], row["synth_MB"], row["build_cpu_s"]), ("7.64", "72", ""))

    def test_estimated_wires_against_routed(self):
        place = {
            "module": "msq_switch",
            "cells": 58,
            "before_routing": {"period_ns": 1.0},
            "after_routing": {"period_ns": 1.25},
            "estimate": {
                "routed_length_um": 1000,
                "length_um": 900,
                "routed_capacitance_pf": 0.2,
                "capacitance_pf": 0.1,
                "timing": {"period_ns": 1.5},
            },
        }
        row = wires.module_row("tests/configs/none-4x4.json", place)
        self.assertEqual((row["preset"], row["length_error_percent"]), ("none-4x4", "-10.0"))
        self.assertEqual((row["routed_ns"], row["path_error_percent"]), ("1.250", "+20.0"))

    def test_arrays_with_and_without_wires(self):
        report = {
            "wires": {
                "die": {"area_um2": 2e6},
                "length_um": 3e5,
                "longest_um": 900,
                "capacitance_pf": 36,
                "clock": {"buffers": 7, "capacitance_pf": 1.5, "skew_ns": 0.1},
            },
            "timing": {"fmax_mhz": 200.0, "wires": {"fmax_mhz": 150.0}},
        }
        row = wires.array_row("ours", 8, report)
        self.assertEqual((row["die_mm2"], row["wires_mm"], row["f_max_percent"]), ("2.000", "300", "-25.0"))
        self.assertEqual((row["mw"], row["pj_per_mac_wires"]), ("", ""))
        report["power"] = power() | {
            "wires": {"total_w": 0.15, "clock_tree_w": 0.05, "energy_per_mac_j": 12e-12}
        }
        row = wires.array_row("ours", 8, report)
        self.assertEqual((row["mw"], row["mw_wires"], row["of_it_clock_mw"]), ("100.0", "150.0", "50.0"))
        self.assertEqual((row["pj_per_mac"], row["pj_per_mac_wires"]), ("8.00", "12.00"))
        self.assertEqual(wires.array_arguments("int8", 16)[-1], "8")

    def test_outlier_paths_without_recon(self):
        rows = [
            {
                "measured": "2026-01-01",
                "size": 8,
                "modes": [2, 4],
                "variant": variant,
                "area": area,
                "ge": area / 24,
                "memory": 0,
                "cycles": {"minilm prefill 2": cycles},
            }
            for variant, area, cycles in (
                ("none", 8e5, 1e6),
                ("none, trees of 4", 6e5, 1e6),
                ("inline", 8e5, 2e6),
            )
        ]
        lines = outlier_paths.table(rows).splitlines()
        self.assertEqual(len({line.count("|") for line in lines}), 1)
        self.assertTrue(lines[-1].endswith("| 0.50 |"))
        found = outlier_paths.rows_of(rows)[2]
        self.assertEqual((found["modes"], found["minilm_prefill_mode2_cycles"]), ("2+4", "2000000"))
        self.assertEqual(found["llama-3-8b_decode_mode4_cycles"], "")

    def test_rows_of_known_models(self):
        machines = {name: {"speed": 1.5} for name in model_tables.MACHINES}
        report = {
            "model": "minilm",
            "mode": 2,
            "outlier_rate": 0.029,
            "total": {"cycles": 5e6, "utilization": 0.5, "ideal_cycles": 4e6, "machines": machines},
            "layers": [{"binds": "compute"}, {"binds": "array"}],
        }
        row = model_tables.prefill_row(report, "inline")
        self.assertEqual((row["million_cycles"], row["of_peak_percent"]), ("5.00", "50.0"))
        self.assertEqual((row["bound_by"], row["times_OliVe"]), ("array and compute", "1.50"))
        program = mock.Mock(inline=mock.Mock(return_value=report))
        rows = model_tables.batch_rows(program)
        self.assertEqual(len(rows), 32)
        self.assertEqual(rows[0]["of_roofline_percent"], "80.0")
        self.assertIn("| 1 | 2 | 64 | 5.00 | 80.0 |", model_tables.table(rows))


if __name__ == "__main__":
    unittest.main()
