"""config.json for LibreLane: every variable is a published one, files are there, macros have places that do
not overlap; and LibreLane itself accepts it, where it is installed."""

import importlib.util
import json
import re
import unittest

from design import WithFlow, main, published

CELLS = "sky130_fd_sc_hd"


def outlines(directory):
    """{macro: (width, height)} of the placeholders."""
    sizes = {}
    for lef in directory.glob("*.lef"):
        text = lef.read_text(encoding="utf-8")
        size = re.search(r"SIZE ([\d.]+) BY ([\d.]+)", text)
        sizes[re.search(r"^MACRO (\w+)", text, re.M)[1]] = (float(size[1]), float(size[2]))
    return sizes


def load(settings, directory):
    """The configuration as LibreLane reads it, without a process."""
    from librelane.config import Config  # noqa: PLC0415
    from librelane.flows import Flow  # noqa: PLC0415

    classic = Flow.factory.get("Classic")
    variables = classic.get_all_config_variables(classic)
    design = [v for v in variables if not v.pdk or v.name == "STD_CELL_LIBRARY"]
    return Config.load(
        [{**settings, "STD_CELL_LIBRARY": CELLS}],
        design,
        pdk=settings["PDK"],
        pdk_root=str(directory),
        design_dir=str(directory),
        _load_pdk_configs=False,
    )[0]


class LibreLane(WithFlow):
    def settings(self, *options, name="top-inline-4x4"):
        directory, manifest = self.generate(name, "--flow", "librelane", *options)
        settings = json.loads((directory / "config.json").read_text(encoding="utf-8"))
        self.assertLessEqual(set(settings) - {"meta"}, published("librelane"))
        for file in re.findall(r"dir::([^\"]+)", json.dumps(settings)):
            self.assertTrue((directory / file).is_file(), file)
        return settings, directory, manifest

    def test_core(self):
        settings, directory, manifest = self.settings("--core-only", "--period", "4", name="none-16x4")
        self.assertEqual(settings["CLOCK_PERIOD"], 4)
        self.assertEqual(settings["FP_ASPECT_RATIO"], 2)
        self.assertNotIn("MACROS", settings)
        order = (directory / "pin_order.cfg").read_text(encoding="utf-8")
        sides, ports = {}, [p["name"] for p in manifest["ports"]]
        for line in order.splitlines():
            if line.startswith("#"):
                side = line
            else:
                sides[line.removesuffix(r"\[\d+\]")] = side
        self.assertEqual(sorted(sides), sorted(ports))
        self.assertEqual((sides["load_weights_i"], sides["act_data_i"], sides["psum_o"]), ("#N", "#W", "#S"))

    def test_places(self):
        settings, directory, manifest = self.settings("--cell-area", "200000")
        sizes = outlines(directory)
        self.assertEqual(set(sizes), set(settings["MACROS"]))
        boxes, paths = [], set()
        for name, macro in settings["MACROS"].items():
            for path, place in macro["instances"].items():
                x, y = place["location"]
                boxes.append((x, y, x + sizes[name][0], y + sizes[name][1]))
                paths.add(path.rpartition(".gen_")[0])
        large = [m for m in manifest["memories"] if m["width"] * m["depth"] > 256]
        self.assertEqual(paths, {path for m in large for path in m["paths"]})
        _, _, width, height = settings["DIE_AREA"]
        self.assertLess(height, width * 1.01)
        macros = sum((b[2] - b[0]) * (b[3] - b[1]) for b in boxes)
        self.assertGreater(width * height, macros + 200000 / 0.45)
        for i, box in enumerate(boxes):
            self.assertTrue(min(box) > 0 and box[2] < width and box[3] < height, box)
            for other in boxes[:i]:
                apart = box[0] >= other[2] or other[0] >= box[2] or box[1] >= other[3] or other[1] >= box[3]
                self.assertTrue(apart, (box, other))

    @unittest.skipUnless(importlib.util.find_spec("librelane"), "librelane is missing")
    def test_librelane_accepts_it(self):
        for options in (["--memory-registers"], ["--cell-area", "200000", "--shell", "--prefix", "npu"]):
            settings, directory, manifest = self.settings(*options)
            loaded = load(settings, directory)
            self.assertEqual(loaded["DESIGN_NAME"], manifest["top"])
            self.assertEqual(len(loaded["VERILOG_FILES"]), len(settings["VERILOG_FILES"]))
            self.assertEqual(set(loaded["MACROS"] or {}), set(settings.get("MACROS", {})))
        for wrong in ({"FP_CORE_UTILS": 45}, {"PNR_SDC_FILE": "dir::none.sdc"}, {"FP_SIZING": "exact"}):
            with self.assertRaises(ValueError):
                load({**settings, **wrong}, directory)

    @unittest.skipUnless(importlib.util.find_spec("klayout"), "klayout is missing")
    def test_klayout_reads_the_placeholders(self):
        import klayout.db as db  # noqa: PLC0415

        directory, _ = self.generate("top-inline-4x4", "--flow", "librelane", "--cell-area", "200000")
        sizes = outlines(directory)
        for name, size in sizes.items():
            for extension in ("lef", "gds"):
                layout = db.Layout()
                layout.read(str(directory / f"{name}_placeholder.{extension}"))
                box = layout.cell(name).dbbox()
                self.assertAlmostEqual(box.width(), size[0], 3)
                self.assertAlmostEqual(box.height(), size[1], 3)


if __name__ == "__main__":
    main()
