"""The arithmetic of eval/energy_model.py and eval/token_energy.py on small reports made by hand."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import energy_model
import token_energy
from energy_model import Access, Core, Machine

OUTPUTS = 10 * 64 * 129 / 16  # bits
FLAT = dict.fromkeys((*energy_model.BUFFER_WORDS, "shared"), Access(0.0, 0.0))


def power(tokens, cycles, tiles, watts, clock=0.064):
    """A report of `synth --power` at 100 MHz: watts by block."""
    blocks = [{"block": block, "total_w": watt} for block, watt in watts.items()]
    return {
        "m": tokens,
        "cycles": cycles,
        "tiles": tiles,
        "frequency_mhz": 100,
        "blocks": blocks,
        "clock_pins_w": clock,
    }


def layer(**changes):
    """1 layer of 128 x 64 weights in 2 passes of 5 tokens, 2 bits per weight streamed."""
    return {
        "k": 128,
        "n": 64,
        "m": 10,
        "count": 3,
        "cycles": 100.0,
        "launches": 10,
        "bits_per_weight": 2.0,
        "bytes": {"weights": 4096.0, "activations": 1280.0, "outputs": 9999.0},
        "machines": {"INT4": {"compute": 20.0, "off_chip": 30.0, "on_chip": 25.0}},
    } | changes


def core(token=(0, 0, 0), load=(0, 0, 0), cycle=(0, 0, 0)):
    return Core(*(dict(zip(energy_model.CORE_PARTS, of, strict=True)) for of in (token, load, cycle)))


class Constants(unittest.TestCase):
    def test_the_published_example(self):
        """Stillmaker and Baas, corrigendum: 1 pJ at 65 nm and 1.3 V is 0.1755 pJ at 32 nm and 0.9 V."""
        nodes = {180: (1.3, (3.755, -4.398, 1.975)), 32: (0.9, (0.8367, -0.4341, 0.1701))}
        with mock.patch.object(energy_model, "NODES", nodes):
            self.assertAlmostEqual(1 / energy_model.logic_factor(32), 0.1755, delta=1e-4)

    def test_measured_is_not_scaled(self):
        self.assertEqual(energy_model.logic_factor(180), 1)

    def test_sram_meets_the_table_and_stays_within_it(self):
        for kilobytes, picojoules in ((8, 7.5), (32, 8.5), (1024, 14.0), (1, 7.5), (4096, 14.0), (16, 8.0)):
            self.assertAlmostEqual(energy_model.published_sram(7, kilobytes) * 64e12, picojoules)


class Cores(unittest.TestCase):
    def test_token_load_and_cycle_come_apart(self):
        """A load of 7 nJ, a token of 2 nJ, a cycle of 0.5 nJ; a tile takes 8 cycles or as many as tokens."""
        reports = []
        for tokens, cycles in ((16, 16), (4, 8), (1, 8)):
            watts = (7e-9 + tokens * 2e-9 + cycles * 0.5e-9) / cycles * 1e8
            reports.append(power(tokens, 10 * cycles, 10, {"PEs": watts, "outlier units": 3 * watts}))
        found = energy_model.core_of(reports, 64)
        for part, times in (("array", 1), ("outliers", 3)):
            self.assertAlmostEqual(found.token[part] * 64e9, 2 * times)
            self.assertAlmostEqual(found.load[part] * 64e9, 7 * times)
            self.assertAlmostEqual(found.cycle[part] * 64e9, 0.5 * times)
        self.assertAlmostEqual(found.cycle["rest"], 1e-11)
        self.assertAlmostEqual(found.token["rest"], 0)

    def test_blocks_go_to_their_parts(self):
        watts = {"PEs": 1.0, "outlier units": 2.0, "decoder": 3.0, "control": 5.0, "feeder and skew": 7.0}
        found = energy_model.tile_energies(power(16, 200, 2, watts, clock=11.0))
        rounded = {part: round(energy * 1e6) for part, energy in found.items()}
        self.assertEqual(rounded, {"array": 1, "outliers": 5, "rest": 23})

    def test_reports_that_say_too_little(self):
        reports = [power(tokens, 10 * tokens, 10, {}) for tokens in (16, 4, 1)]
        with self.assertRaisesRegex(ValueError, "found .16, 4, 1. tokens"):
            energy_model.core_of(reports, 64)


class Layers(unittest.TestCase):
    def test_work_of_the_accelerator(self):
        work = energy_model.work_of(layer(), Machine(core(), 2, 53))
        self.assertEqual((work.cycles, work.launches, work.loads), (100, 10, 2))
        self.assertEqual((work.single, work.streamed), (16384, 32768))

    def test_a_baseline_makes_the_same_passes(self):
        """Tiles of 64 x 64 weights instead of 128 x 64: twice as many; its roofline is its time."""
        work = energy_model.work_of(layer(), Machine(core(), 1, 32, "INT4", 4.0))
        self.assertEqual((work.cycles, work.launches, work.loads), (30, 20, 4))
        self.assertEqual((work.single, work.streamed), (32768, 65536))

    def test_parts_of_tiles_are_work_too(self):
        work = energy_model.work_of(layer(launches=15), Machine(core(), 2, 53))
        self.assertEqual((work.launches, work.loads), (15, 3))

    def test_weights_that_fit_come_from_off_chip_once(self):
        work = energy_model.work_of(layer(), Machine(core(), 2, 53))
        self.assertEqual(energy_model.off_chip_bits(work), 16384 + 10240 + OUTPUTS)
        with mock.patch.object(energy_model, "SHARED_BYTES", 2000):
            self.assertEqual(energy_model.off_chip_bits(work), 32768 + 10240 + OUTPUTS)

    def test_energy_of_the_core(self):
        machine = Machine(core((1, 2, 4), (10, 20, 40), (0.5, 0.25, 2)), 2, 53)
        found = energy_model.layer_energy(layer(), machine, FLAT, 0.0)
        self.assertEqual(found["array"], 4096 * (10 * 1 + 2 * 10 + 100 * 0.5))
        self.assertEqual(found["outliers"], 4096 * (10 * 2 + 2 * 20 + 100 * 0.25))
        self.assertEqual(found["rest"], 4096 * (10 * 4 + 2 * 40 + 100 * 2))
        self.assertEqual((found["off-chip"], found["buffers"]), (0, 0))

    def test_each_buffer_is_counted(self):
        machine = Machine(core(), 2, 53)
        work = energy_model.work_of(layer(), machine)
        expected = {
            ("shared", "write"): 16384 + 10240 + OUTPUTS,
            ("shared", "read"): 32768 + 10240 + OUTPUTS,
            ("stream", "write"): 32768,
            ("stream", "read"): 32768,
            ("activations", "write"): 10240,
            ("activations", "read"): 10 * 128 * 8,
            ("scales", "read"): 10 * 8,
            ("accumulators", "write"): 10 * 64 * 53,
            ("accumulators", "read"): 10 * 64 * 53 + 640 * 53,
        }
        for (name, kind), bits in expected.items():
            one = Access(float(kind == "read"), float(kind == "write"))
            with self.subTest(buffer=name, access=kind):
                self.assertEqual(energy_model.buffer_energy(work, machine, FLAT | {name: one}), bits)

    def test_a_token_is_the_sum_of_its_layers(self):
        report = {"tokens": 10, "layers": [layer(), layer(count=1)]}
        found = energy_model.token_energy(report, Machine(core(cycle=(0, 0, 1)), 2, 53), FLAT, 2.0)
        self.assertAlmostEqual(found["off-chip"], 4 * 2 * (16384 + 10240 + OUTPUTS) / 10)
        self.assertAlmostEqual(found["rest"], 4 * 4096 * 100 / 10)
        self.assertAlmostEqual(found["cycles"], 4 * 100 / 10)

    def test_modelled_buffers(self):
        with mock.patch.object(energy_model, "MODELLED", {"activations": (1.0, 3.0)}):
            found = energy_model.modelled_buffers(2.0)
        self.assertEqual(found["activations"], Access(0.5e-12, 1.5e-12))
        self.assertEqual(found["shared"], found["activations"])

    def test_documented_cores_take_their_power_in_every_cycle(self):
        """8.33 pJ of an array of 64 PEs at 100 MHz is 0.833 mW."""
        with mock.patch.object(energy_model, "DOCUMENTED", {"int4": (0.833, 0.0, 0.0)}):
            machine = Machine(energy_model.documented_core("int4"), 1, 32, "INT4", 4.0)
        found = energy_model.layer_energy(layer(), machine, FLAT, 0.0)
        self.assertAlmostEqual(found["array"] * 1e12, 30 * 64 * 8.33)


class Script(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.work = Path(directory.name)

    def result(self, energy, cycles):
        return dict.fromkeys(energy_model.PARTS, energy / 5) | {"cycles": cycles}

    def test_table_compares_time_and_energy(self):
        results = {"ours, 2 bits": self.result(0.001, 2e6)}
        results |= {name: self.result(0.003, 5e6) for name in token_energy.BASELINES}
        lines = token_energy.table(results, token_energy.parse([])).splitlines()
        self.assertEqual(len({line.count("|") for line in lines}), 1)
        self.assertIn("| ours, 2 bits | 2,000 | 1,000 | 200 |", lines[2])
        self.assertIn("2.50, 3.00", lines[2])
        self.assertNotIn("1.00, 1.00", lines[3])

    def test_three_digits(self):
        found = [token_energy.digits(value) for value in (74983.2, 3.254, 0.01504, 0.0)]
        self.assertEqual(found, ["74,983", "3.25", "0.0150", "-"])

    def test_summary_is_the_geometric_mean(self):
        results = {}
        for phase in token_energy.PHASES:
            for model, energy in (("a", 0.002), ("b", 0.008)):
                found = {"ours": self.result(0.001, 1e6)}
                found |= {name: self.result(energy, 1e6) for name in token_energy.BASELINES}
                results[model, phase] = found
        self.assertEqual(token_energy.summary(results).count("1.00, 4.00"), 8)

    def test_off_chip_is_a_name_or_a_number(self):
        self.assertEqual(token_energy.parse([]).off_chip_pj, 3.92)
        self.assertEqual(token_energy.parse(["--off-chip", "7.5"]).off_chip_pj, 7.5)
        for bad in (["--off-chip", "tape"], ["--rates", "none"], ["--node", "8"]):
            text = io.StringIO()
            with contextlib.redirect_stderr(text), self.assertRaises(SystemExit):
                token_energy.parse(bad)
            self.assertIn("found" if bad[0] != "--node" else "invalid choice", text.getvalue())

    def test_times_ask_for_the_rate_and_the_phase(self):
        options = token_energy.parse(["--work", str(self.work)])
        with mock.patch.object(token_energy.kept_runs, "run") as run:
            token_energy.times("minilm", "prefill", 4, "paper", options)
        name, arguments, _ = run.call_args.args
        self.assertEqual(name, "model-minilm-prefill-4-paper")
        text = " ".join(arguments)
        self.assertIn("--model minilm --phase prefill --tokens 2048 --mode 4 --output mx8", text)
        self.assertTrue(text.endswith("--outlier-rate 0.0375"))


if __name__ == "__main__":
    unittest.main()
