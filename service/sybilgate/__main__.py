"""``python -m sybilgate``."""

from sybilgate.cli import main

if __name__ == "__main__":
    main()
