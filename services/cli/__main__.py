"""`python -m services.cli` is `p2a`."""

from services.cli.app import main

main()
