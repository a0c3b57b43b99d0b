"""What people look at after a run: curves, overlays, candidate sheets and the HTML page."""
