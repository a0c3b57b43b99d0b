"""The script that imports the GeoJSON files of a whole folder into a project of QuPath."""

from __future__ import annotations

import json
from pathlib import Path

SCRIPT_FILE = "import_into_qupath.groovy"

SCRIPT = """// Written by mitokeras for QuPath 0.4 and later: Automate > Script editor, then Run.
// Each GeoJSON file goes into the image of its name; a second run replaces the same objects.
// Images that are open must be opened again, without saving them.
import qupath.lib.io.PathIO
import static qupath.lib.scripting.QP.getProject

def folder = new File('FOLDER')  // where the files lie; change it when they have moved
def files = []
folder.eachFileRecurse { if (it.name.endsWith('.geojson')) files << it }
def images = getProject().getImageList()
files.each { file ->
    def name = file.name.substring(0, file.name.length() - '.geojson'.length())
    def own = images.findAll { it.getImageName() == name }
    def same = files.findAll { it.name == file.name }
    if (own.size() != 1 || same.size() != 1) {
        println "${file}: not imported; images of its name: ${own.size()}, files: ${same.size()}"
        return
    }
    def imageData = own[0].readImageData()
    def hierarchy = imageData.getHierarchy()
    def objects = PathIO.readObjects(file)
    def ids = objects*.getID() as Set
    def before = hierarchy.getAllObjects(false).findAll { it.getID() in ids }
    hierarchy.removeObjects(before, true)
    hierarchy.addObjects(objects)
    own[0].saveImageData(imageData)
    println "${name}: ${objects.size()} objects"
}
"""


def import_script(folder: Path) -> tuple[str, bytes]:
    """Write the script for the files of a folder.

    Returns:
        Its name, and Groovy in ASCII.
    """
    escaped = json.dumps(str(folder.resolve()))[1:-1].replace("'", r"\'")
    return SCRIPT_FILE, SCRIPT.replace("FOLDER", escaped).encode("ascii")
