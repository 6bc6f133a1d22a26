# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what leaves a server by its outer interface. It runs there, by its own Python, until it is told to stop.

    python3 outgoing.py INTERFACE OWN-ADDRESS FORBIDDEN-ADDRESS FORBIDDEN-WORD STOP-FILE

It prints JSON: ``all``, the frames that left; ``foreign``, those with another source than the server's own address;
``to``, those to the forbidden address; ``word``, those that hold the forbidden word, such as a question for a name.
"""

from __future__ import annotations

import json
import os
import socket
import sys

_ALL_PROTOCOLS = 3
_OUTGOING = 4  # PACKET_OUTGOING of linux/if_packet.h
_IPV4 = b"\x08\x00"


def main(interface: str, own: str, forbidden: str, word: str, stop: str) -> None:
    """Count until there is the file ``stop``."""
    counted = dict.fromkeys(("all", "foreign", "to", "word"), 0)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL_PROTOCOLS)) as tap:
        tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        tap.bind((interface, _ALL_PROTOCOLS))
        tap.settimeout(0.5)
        while not os.path.exists(stop):
            try:
                frame, address = tap.recvfrom(65535)
            except TimeoutError:
                continue
            if address[2] != _OUTGOING:
                continue
            counted["all"] += 1
            counted["word"] += word.encode() in frame
            if frame[12:14] == _IPV4:
                source, target = (socket.inet_ntoa(frame[start : start + 4]) for start in (26, 30))
                counted["foreign"] += source != own
                counted["to"] += target == forbidden
    print(json.dumps(counted))


if __name__ == "__main__":
    main(*sys.argv[1:])
