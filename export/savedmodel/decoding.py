"""Image files in the graph, decoded or refused as `slides/picture.py` does it."""

from __future__ import annotations

import tensorflow as tf

from mitokeras.slides.picture import PNG_DEPTH
from mitokeras.slides.samples import GLASS

PNG = b"\x89PNG\r\n\x1a\n"

PNG_COLOUR, PNG_PALETTE, PNG_COLOUR_ALPHA = 2, 3, 6
"""Colour types, in the byte behind that at `PNG_DEPTH`."""


def decode(image_bytes: tf.Tensor) -> tf.Tensor:
    """Decode a PNG or JPEG file to RGB, uint8, (height, width, 3).

    What is see-through lies on white glass. A graph that decodes anything else raises
    `InvalidArgumentError`: another format, a grey image, CMYK, other than 8 bits a channel, and
    what is see-through all over.
    """
    image = tf.cond(
        tf.io.is_jpeg(image_bytes), lambda: _jpeg(image_bytes), lambda: _png(image_bytes)
    )
    return tf.ensure_shape(image, (None, None, 3))


def _jpeg(image_bytes: tf.Tensor) -> tf.Tensor:
    """The decoder is set as OpenCV's: exact cosine transform, smooth chroma."""
    _check(tf.image.extract_jpeg_shape(image_bytes)[2] == 3, "a JPEG must be in colour, RGB")
    return tf.io.decode_jpeg(
        image_bytes, channels=3, dct_method="INTEGER_ACCURATE", fancy_upscaling=True
    )


def _png(image_bytes: tf.Tensor) -> tf.Tensor:
    _check(
        tf.strings.substr(image_bytes, 0, len(PNG)) == PNG, "image_bytes must be a PNG or JPEG file"
    )
    header = tf.io.decode_raw(tf.strings.substr(image_bytes, PNG_DEPTH, 2), tf.uint8)
    depth, kind = header[0], header[1]
    in_colour = tf.reduce_any(kind == [PNG_COLOUR, PNG_PALETTE, PNG_COLOUR_ALPHA])
    _check(in_colour, "a PNG must be in colour, RGB")
    _check(tf.logical_or(depth == 8, kind == PNG_PALETTE), "a PNG must have 8 bits a channel")
    # Asked for alpha, the decoder fills in 15 of 255 where a palette has 16 colours; not asked, it
    # leaves out that of one colour.
    decoded = tf.cond(
        depth == 8,
        lambda: tf.io.decode_png(image_bytes, channels=4),
        lambda: tf.io.decode_png(image_bytes),
    )
    pixels = tf.cast(decoded, tf.float32)
    rgb = pixels[..., :3]
    has_alpha = tf.shape(pixels)[2] == 4
    share = tf.cond(has_alpha, lambda: pixels[..., 3:] / GLASS, lambda: tf.ones_like(rgb))
    _check(tf.reduce_any(share > 0), "an image must be opaque somewhere")
    on_glass = tf.minimum(rgb * share + GLASS * (1 - share), GLASS)
    return tf.cast(tf.round(on_glass), tf.uint8)


def _check(holds: tf.Tensor, rule: str) -> None:
    tf.debugging.Assert(holds, [rule])
