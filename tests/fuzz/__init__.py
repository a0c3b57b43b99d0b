"""Damaged and hostile files: whatever comes in, a valid result or one `MitokerasError` comes out.

`seeds` are small valid files, `mutations` damage them, `targets` read them, `worker` does so in a
process that may die, and `soak` runs all of that for as long as it is told.
"""
