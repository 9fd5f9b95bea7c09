"""JSON files and lists of methods. Errors end the program; they name the file and what was found."""

import json
import os
import pathlib


def read_json(path):
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SystemExit(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise SystemExit(f"{path}: found no JSON: {error}") from error


def write_text(path, text):
    """Writes the file under another name first, so that an interrupted run leaves no half of it."""
    path = pathlib.Path(path)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text)
    os.replace(temporary, path)


def write_json(path, value):
    write_text(path, json.dumps(value, indent=1) + "\n")


def methods(path):
    """name -> method of a list of methods (README.md, "Methods")."""
    listed = read_json(path)
    if not isinstance(listed, list):
        raise SystemExit(f"{path}: found {type(listed).__name__}; allowed: a list of methods")
    found = {}
    for place, method in enumerate(listed):
        name = method.get("name") if isinstance(method, dict) else None
        if not isinstance(name, str):
            raise SystemExit(f"{path}: method {place}: found no name; allowed: an object with a name")
        if name in found:
            raise SystemExit(f"{path}: found two methods {name!r}; allowed: one of each name")
        if ("kind" in method) == ("base" in method):
            both = "both" if "kind" in method else "neither"
            raise SystemExit(f"{path}: method {name!r}: found {both}; allowed: one of kind, base")
        found[name] = method
    return found
