"""`confhub` as it is, but with everything that the hub itself could log."""

import logging

from hub import cli

cli.LEVELS["hub"] = logging.DEBUG
raise SystemExit(cli.main())
