"""`python -m molgen.cli`."""

from molgen.cli.commands import main

main()
