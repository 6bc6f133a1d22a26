# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands behind nginx in the scenario: it answers with the headers that it got, on both ports."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers every request with its headers, and grants an upgrade."""

    def do_GET(self) -> None:
        """Answer."""
        upgrade = self.headers.get("Upgrade") == "websocket" and self.headers.get("Connection") == "upgrade"
        self.send_response(101 if upgrade else 200)
        if upgrade:
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
        self.end_headers()
        if not upgrade:
            self.wfile.write(json.dumps({**self.headers, "port": self.connection.getsockname()[1]}).encode())

    def do_POST(self) -> None:
        """Take what comes."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()


threading.Thread(target=ThreadingHTTPServer(("127.0.0.1", 5678), Handler).serve_forever).start()
ThreadingHTTPServer(("127.0.0.1", 3000), Handler).serve_forever()
