"""Serves the sandbox gateway: `python -m app.gateways.sandbox --help` names the arguments; no environment is read."""

import argparse
import logging
import signal
import sys
from collections.abc import Sequence

from werkzeug.serving import make_server

from app.gateways.sandbox import SandboxSettings, create_sandbox

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C; both end with 0. A port in use ends with 1, unusable arguments with 2."""
    parser = _parser()
    options = vars(parser.parse_args(arguments))
    host, port = options.pop("host"), options.pop("port")
    try:
        settings = SandboxSettings(**options)
    except ValueError as error:
        parser.error(str(error))
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server(host, port, create_sandbox(settings), threaded=True)
    logger.info("The test payment gateway listens at http://%s:%s", host, server.server_port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has what it starts in the background ignore it
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m app.gateways.sandbox", description="The embedded test payment gateway."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--merchant-url", required=True, help="the utility's site as browsers see it")
    parser.add_argument("--callback-url", default="", help="the same site as this process reaches it, if different")
    parser.add_argument("--account-id", required=True)
    parser.add_argument("--code", required=True, help="the integrity code that both sides sign with")
    parser.add_argument("--utility-name", required=True)
    parser.add_argument("--api-user", default="rodnik")
    parser.add_argument("--api-password", default="", help="lets the utility ask about its operations")
    return parser


if __name__ == "__main__":
    main()
