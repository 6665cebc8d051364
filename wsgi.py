"""The web entry: granian --interface wsgi wsgi:application"""

import gc

gc.disable()  # walking through what is being loaded takes a third of the start, and finds nothing

from app.factory import create_app

application = create_app()
gc.collect()
gc.freeze()  # what is here stays: the collector need not walk through it again and again
gc.enable()
