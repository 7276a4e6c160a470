"""`python -m stack`: what `./meton` runs inside its environment."""

import sys

from stack.cli import main

sys.exit(main(sys.argv[1:]))
