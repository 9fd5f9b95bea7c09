"""The driver's library needs only memcpy, memset and memcmp, except msq_linux.c."""

import subprocess
import sys

ALLOWED = {"memcpy", "memset", "memcmp"}
OF_COMPILERS = ("__stack_chk", "__asan", "__ubsan", "__gcov", "_GLOBAL_OFFSET_TABLE_")


def main():
    listing = subprocess.run(["nm", "-P", sys.argv[1]], capture_output=True, text=True, check=True).stdout
    defined, needed, member = set(), {}, ""
    for line in listing.splitlines():
        words = line.split()
        if len(words) == 1:
            member = line
        elif words[1] == "U":
            needed.setdefault(member, set()).add(words[0])
        elif words[1].isupper():
            defined.add(words[0])
    found = [
        f"{member} {name}"
        for member, names in needed.items()
        if "msq_linux" not in member
        for name in sorted(names - defined - ALLOWED)
        if not name.startswith(OF_COMPILERS)
    ]
    names = [name for name in defined if not name.startswith("msq_")]
    print("\n".join(found + names) or f"{len(defined)} functions")
    return 1 if found or names or len(defined) < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
