"""`python -m ioc` is the command line."""

from ioc.cli import main

main()
