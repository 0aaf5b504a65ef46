"""The reference: the loop of `plain`, run by one thread, which alone touches the numbers."""

from raddle.demo.variants.plain import Plain


class Serial(Plain):
    order = 0
    title = "one thread"
    shows = "the same loop without company: the reference"
    must_be_right = True
    parallel = False


VARIANT = Serial()
