"""`python -m molgen.cli`."""

from molgen.cli.commands import main

if __name__ == "__main__":
    main()
