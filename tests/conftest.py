"""What all tests share."""

import hypothesis

# The machine decides how long an example takes; a test never does.
hypothesis.settings.register_profile("convscope", deadline=None, print_blob=True)
hypothesis.settings.load_profile("convscope")
