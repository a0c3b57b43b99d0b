"""The rooms of the library and the direction of every import between them."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

FLOORS = (
    ("text",),
    ("errors",),
    ("disk", "local_server", "slides"),
    ("counting",),
    ("verdicts",),
    ("data",),
    ("run",),
    ("models",),
    ("runners",),
    ("detect",),
    ("score",),
    ("report",),
    ("predict",),
    ("detector", "watch", "web"),
    ("review",),
    ("annotations", "train"),
    ("crossvalidation",),
    ("export",),
    ("reproduce",),
    ("cli",),
)
"""From the ground up: a room imports from the floors below it and from itself, nothing else."""

FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

ROOT_FILES = {"__init__.py", "__main__.py", "py.typed", "errors.py", "text.py", "detector.py"}


def modules() -> dict[str, Path]:
    """Name -> file of every module, as it is installed."""
    found = {}
    for folder, package in (("mitokeras", ()), ("export", ("export",)), ("cli", ("cli",))):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            found[".".join(("mitokeras", *package, *parts))] = path
    return found


MODULES = modules()


def imports_of(name: str) -> Iterator[str]:
    """Modules of the library that a module imports anywhere, under TYPE_CHECKING as well."""
    for node in ast.walk(ast.parse(MODULES[name].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in MODULES else node.module


GRAPH = {name: set(imports_of(name)) - {name, "mitokeras"} for name in MODULES}


def room_of(name: str) -> str:
    return name.split(".")[1]


def test_the_root_holds_what_everyone_uses() -> None:
    files = {path.name for path in (ROOT / "mitokeras").iterdir() if path.is_file()}
    assert files == ROOT_FILES


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(name) for name in MODULES if "." in name} - {"__main__"}
    assert rooms == set(FLOOR)


@pytest.mark.parametrize("name", sorted(name for name in MODULES if "." in name))
def test_imports_go_down(name: str) -> None:
    if name == "mitokeras.__main__":  # the command line's door
        return
    room = room_of(name)
    for imported in GRAPH[name]:
        other = room_of(imported)
        assert other == room or FLOOR[other] < FLOOR[room], f"{name} imports {imported}"


def test_no_file_waits_for_itself() -> None:
    TopologicalSorter(GRAPH).prepare()


def test_no_folder_waits_for_itself() -> None:
    """The same among the folders inside a room; a folder's own files count as one."""
    folder = {
        name: name if path.name == "__init__.py" else name.rpartition(".")[0]
        for name, path in MODULES.items()
    }
    graph: dict[str, set[str]] = {}
    for name, imported in GRAPH.items():
        own = folder[name]
        # A package's face gathers what lies in its folders.
        graph.setdefault(own, set()).update(folder[other] for other in imported)
        graph[own].discard(own)
    graph.pop("mitokeras")
    TopologicalSorter({own: others - {"mitokeras"} for own, others in graph.items()}).prepare()


def defined_in(name: str) -> set[str]:
    """What a module itself defines at its top level."""
    names = set()
    for node in ast.parse(MODULES[name].read_text("utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            stored = (each for each in ast.walk(node) if isinstance(each, ast.Name))
            names |= {each.id for each in stored if isinstance(each.ctx, ast.Store)}
    return names


DEFINED = {name: defined_in(name) for name in MODULES}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_name_has_one_door(name: str) -> None:
    """What is imported from a module is defined there, not handed on by it."""
    for node in ast.walk(ast.parse(MODULES[name].read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for alias in node.names:
                is_module = f"{node.module}.{alias.name}" in MODULES
                assert is_module or alias.name in DEFINED[node.module], ast.unparse(node)
