"""The script that imports the GeoJSON files of a whole folder into a project of QuPath."""

from __future__ import annotations

import json
from pathlib import Path

SCRIPT_FILE = "import_into_qupath.groovy"

SCRIPT = r"""// Written by mitokeras for QuPath 0.4 and later: Automate > Script editor, then Run.
// Each GeoJSON file goes into the image of its name; a second run replaces the same objects.
import qupath.lib.io.PathIO

def folder = new File('FOLDER')  // where the files lie; change it when they have moved
def files = []
folder.eachFileRecurse { if (it.name.endsWith('.geojson')) files << it }
def images = getProject().getImageList()
files.each { file ->
    def name = file.name - ~/\.geojson$/
    def own = images.findAll { it.getImageName() == name }
    if (own.size() != 1 || files.count { it.name == file.name } != 1) {
        println "${file}: not imported; ${own.size()} images of the project have its name"
        return
    }
    def imageData = own[0].readImageData()
    def hierarchy = imageData.getHierarchy()
    def objects = PathIO.readObjects(file)
    def ids = objects*.getID() as Set
    hierarchy.removeObjects(hierarchy.getAllObjects(false).findAll { it.getID() in ids }, true)
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
