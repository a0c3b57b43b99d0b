"""Predicting slides: what is asked, the work that it takes, and who does it.

What is asked is a `SlideJob` (`jobs`): a slide and its output folder (`folder`), which appears when
all is finished. The way there is a generator of `Step`s (`step`), with both stages in `detection`;
a step is a handful of independent `Task`s (`tasks`), such as stage 1 on 64 tiles, and each finds
its slide by a `SlideLocation` (`location`). What follows the way (`under_way`) takes a step, loads
the results that the slide's journal (`journal`) holds, has the missing tasks executed, keeps each
result, and sends all of them back into the generator.

Who executes is an engine: `engines/local` one slide after the other in this process, `engines/ray`
many slides at once on a cluster, where a `Piece` (`engines/schedule`) is a task that can go to any
worker (`engines/workers`).
"""
