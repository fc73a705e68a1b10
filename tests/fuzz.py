"""`nox -s fuzz`: arbitrary requests against the mock; the arguments are those of `fuzzing`."""

import sys

from tests.mockserver.fuzzing import main

if __name__ == "__main__":
    sys.exit(main())
