"""Hours of damaged inputs: `python -m tests.fuzz.soak --minutes 60 --seed 1 --out FOLDER`.

With --networks, networks and stores are damaged in place of the other files. The counts of each
target come to FOLDER/counts.json, each finding to FOLDER/log.txt, its input beside it. The same
seed gives the same inputs.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import zlib
from collections import Counter
from importlib import import_module
from pathlib import Path

import mitokeras
from tests.fuzz.worker import FILES, NETWORKS, ROOT, Worker

REPORT_EVERY_S = 30


def soak(minutes: float, seed: int, out: Path, only: str = "", module: str = FILES) -> int:
    """Feed all targets in turn; give the number of different findings."""
    mitokeras.__path__.append(str(ROOT))
    from tests.fuzz.mutations import random_damage

    out.mkdir(parents=True, exist_ok=True)
    all_targets = import_module(module).all_targets()
    targets = {name: given for name, (_, given) in all_targets.items() if only in name}
    counts: dict[str, Counter[str]] = {name: Counter() for name in targets}
    seen: set[str] = set()
    worker = Worker(module)
    worker.start()
    begin = reported = time.monotonic()
    number = 0
    while time.monotonic() - begin < 60 * minutes:
        for name, given in targets.items():
            chance = random.Random(f"{seed} {name} {number}")
            data = random_damage(chance.choice(given), chance)
            answer = worker.read(name, data)
            known = answer if answer in ("valid", "refused") else "finding"
            counts[name][known] += 1
            if known == "finding":
                _keep(out, seen, name, answer, data)
        number += 1
        if time.monotonic() - reported > REPORT_EVERY_S:
            reported = time.monotonic()
            _report(out, seed, begin, counts, seen)
    worker.close()
    _report(out, seed, begin, counts, seen)
    return len(seen)


def _keep(out: Path, seen: set[str], name: str, answer: str, data: bytes) -> None:
    """One input for each place in the code that a target fails at."""
    frames = [line for line in answer.splitlines() if line.startswith("  File")][-2:]
    kind = f"{name.partition('/')[0]} {' '.join(frames) or answer}"
    if kind in seen:
        return
    seen.add(kind)
    file = out / f"finding_{zlib.crc32(kind.encode()):08x}.bin"
    file.write_bytes(data)
    with (out / "log.txt").open("a", encoding="utf-8") as log:
        log.write(f"{name}: {file.name}\n{answer}\n\n")


def _report(
    out: Path, seed: int, begin: float, counts: dict[str, Counter[str]], seen: set[str]
) -> None:
    report = {
        "seed": seed,
        "minutes": round((time.monotonic() - begin) / 60, 1),
        "inputs": sum(sum(count.values()) for count in counts.values()),
        "findings": len(seen),
        "targets": counts,
    }
    (out / "counts.json").write_text(json.dumps(report, indent=1), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="", help="Targets with this in their names.")
    parser.add_argument("--networks", action="store_true", help="Networks and stores.")
    options = parser.parse_args()
    module = NETWORKS if options.networks else FILES
    raise SystemExit(soak(options.minutes, options.seed, options.out, options.only, module) > 0)


if __name__ == "__main__":
    main()
