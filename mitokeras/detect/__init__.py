"""The two stages on a field: tiles, candidates, crops, and detector.json."""
