"""Chooses 2 or 4 bits for each layer of a model and writes the methods of mixed precision for run.py.

From 2 bits everywhere, the layer whose 4 bits save most per stored bit comes first, until an average is
reached. What a layer saves is measured in one of two ways, both on calibration text: the divergence of the
model's output when this layer alone has 2 bits (after HAWQ-V3's sensitivity, arXiv:2011.10680, without its
quadratic model), or the squared relative error of the layer's outputs, as `microscopiq quantize
--average-bits` has it.
"""

import argparse
import pathlib

import model
import run
import safetensors.torch
import torch
import tune

import files


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", required=True, help="directory of the model")
    parser.add_argument("--run", required=True, help="directory of run.py with both methods finished")
    parser.add_argument("--methods", required=True, help="the list that names both methods")
    parser.add_argument("--low", default="full_range2")
    parser.add_argument("--high", default="full_range4")
    parser.add_argument("--measure", choices=("divergence", "output_error"), default="divergence")
    parser.add_argument(
        "--windows", type=int, default=4, help="calibration windows for the divergence (default: 4)"
    )
    parser.add_argument("--length", type=int, help="tokens of each window for the divergence; default: all")
    parser.add_argument("--begin", type=int, default=0, help="token at the start of each window")
    parser.add_argument("--average-bits", type=float, nargs="+", required=True)
    parser.add_argument("--name", default="mixed", help="the methods are called NAME and their average")
    parser.add_argument("--rate", type=float, help="also each of them tuned, at this learning rate")
    parser.add_argument("-o", "--output", required=True, help="list of methods")
    return parser.parse_args()


def reports(runs, name):
    """layer -> report of a finished method. Error: it is not finished, or was not calibrated."""
    found = {}
    for path in (runs / name).glob("block-*.json"):
        found |= files.read_json(path)
    if not found or not (runs / f"{name}.json").exists():
        raise SystemExit(f"{runs}: found no finished, calibrated method {name!r}; allowed: one of run.py")
    return found


def divergences(language_model, directory, windows):
    """layer -> divergence of the model's output when only this layer has the weights in `directory`."""
    found = dict.fromkeys(language_model.all_layers(), 0.0)
    for tokens in windows:
        x = language_model.embed(tokens)
        starts = []
        for block in range(language_model.blocks):
            starts.append(x)
            x = language_model.run_block(block, x, language_model.weight)
        wanted = torch.log_softmax(language_model.logits(x), dim=-1)
        for block in range(language_model.blocks):
            changed = safetensors.torch.load_file(directory / f"block-{block}.safetensors")
            stages = range(len(language_model.STAGES))
            for name in [name for stage in stages for name in language_model.layers(block, stage)]:

                def weight(layer, name=name, changed=changed):
                    return changed[f"{name}.weight"] if layer == name else language_model.weight(layer)

                x = starts[block]
                for later in range(block, language_model.blocks):
                    x = language_model.run_block(later, x, weight)
                logits = torch.log_softmax(language_model.logits(x), dim=-1)
                found[name] += tune.divergence(wanted, logits).item() / len(windows)
    return found


def choose(low, high, saved, average):
    """layer -> 2 or 4 bits, from the reports of both widths and what 4 bits save."""
    total = sum(layer["weights"] for layer in low.values())
    stored = sum(layer["bits"] * layer["weights"] for layer in low.values())
    if average * total < stored:
        raise SystemExit(f"--average-bits: found {average:g}; allowed: from {stored / total:.3f} on")
    widths = dict.fromkeys(low, 2)

    def price(name):
        return (high[name]["bits"] - low[name]["bits"]) * low[name]["weights"]

    for name in sorted(low, key=lambda name: saved[name] / price(name), reverse=True):
        if stored + price(name) <= average * total:
            stored += price(name)
            widths[name] = 4
    return widths


def main():
    arguments = parse()
    runs = pathlib.Path(arguments.run)
    methods = files.methods(arguments.methods)
    if arguments.low not in methods:
        raise SystemExit(f"--low: found {arguments.low!r}; allowed: {', '.join(methods)}")
    low, high = reports(runs, arguments.low), reports(runs, arguments.high)
    if low.keys() != high.keys():
        raise SystemExit(f"{runs}: found other layers of {arguments.low} than of {arguments.high}")
    if arguments.measure == "divergence":
        language_model = model.Model(arguments.model)
        calibration = torch.cat(list(run.texts(arguments, False).values()))[:, : arguments.length]
        with torch.inference_mode():
            saved = divergences(language_model, runs / arguments.low, calibration)
    else:
        saved = {name: low[name]["output_error"] ** 2 - high[name]["output_error"] ** 2 for name in low}
    mixed = []
    for average in arguments.average_bits:
        widths = choose(low, high, saved, average)
        method = methods[arguments.low] | {"name": f"{arguments.name}{average:g}"}
        mixed.append(method | {"bits_by_layer": {name: bits for name, bits in widths.items() if bits == 4}})
    if arguments.rate:
        tuned = {"rate": arguments.rate}
        mixed += [{"name": f"{m['name']}-tuned", "base": m["name"]} | tuned for m in mixed]
    files.write_json(arguments.output, mixed)


if __name__ == "__main__":
    main()
