# %% [markdown]
# # Counting the mitoses of a slide
#
# Run it cell by cell in an editor that knows `# %%`, or as a whole:
#
#     python docs/examples/count_mitoses.py MODEL SLIDE
#
# MODEL is a run or bundle, or the name of a model that ships with mitokeras, SLIDE a whole slide or
# an image whose file states its spacing.

# %%
import sys
from collections import Counter

import numpy as np

from mitokeras.detector import Detector

model, slide = sys.argv[1:]
detector = Detector.load(model)

# %% [markdown]
# ## One slide
# The prediction is what `mitokeras predict` writes as prediction.json: the image, the model, the
# counts, and every candidate with both scores.

# %%
found = detector.predict_slide(slide)
print(f"{found.image.name}: {found.image.width_px} x {found.image.height_px} px")
print(f"{found.image.spacing_um_px} um/px, from {found.image.spacing_source}")
print(f"{found.tiles - found.tiles_skipped} of {found.tiles} tiles show tissue")
print(Counter("figure" if one.accepted else "rejected" for one in found.detections))

# %% [markdown]
# ## The counts

# %%
count = found.count
print(f"{count.figures} figures in {count.tissue_mm2:.2f} mm2 of tissue")
if count.hotspot is not None:
    place = f"({count.hotspot.x_mm:.2f}, {count.hotspot.y_mm:.2f}) mm"
    print(f"hotspot of {count.hotspot.area_mm2} mm2: {count.hotspot.figures} about {place}")
for diameter in (0.45, 0.55, 0.65):
    again = found.counted(diameter)  # the networks do not run again
    print(f"field of {diameter} mm: mitotic score {again.count.score}")

# %% [markdown]
# ## The surest figures
# `x` and `y` are pixels of level 0, so the slide's reader cuts a figure out by them.

# %%
figures = sorted(found.detections, key=lambda one: -one.classifier_score)[:5]
for one in figures:
    print(f"({one.x:.0f}, {one.y:.0f})  {one.area_um2:.0f} um2  {one.classifier_score:.2f}")

# %% [markdown]
# ## An image in memory
# Arrays are RGB, uint8, and come with the size of their pixels.

# %%
from mitokeras.slides.opening import open_slide  # noqa: E402

opened = open_slide(slide)
x, y = (round(max(0, figures[0].x - 256)), round(max(0, figures[0].y - 256))) if figures else (0, 0)
width, height = min(512, opened.width - x), min(512, opened.height - y)
window = opened.read(x, y, width, height)
opened.close()
inside = detector.predict(np.ascontiguousarray(window), opened.spacing_um_px)
print(f"{inside.count.figures} of them in the window of {width} x {height} px")
