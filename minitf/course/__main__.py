"""``python -m minitf.course``: list, next, check, hint, solution, progress, reset, use, watch."""

import sys

from minitf.course.commands import main

if __name__ == "__main__":
    sys.exit(main())
