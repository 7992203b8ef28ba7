import os
from pathlib import Path

from sybilgate.compiled import find_room

find_room(Path(__file__).parent, os.environ)
