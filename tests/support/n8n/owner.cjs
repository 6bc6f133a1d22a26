// Copyright: (c) 2026, chatbot.ops contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Loaded before n8n. Its standard input is a pipe that the test holds open: when the test is gone, however it ended,
// neither n8n nor its scratch folder may stay behind.
'use strict';

const { rmSync } = require('node:fs');
const { Socket } = require('node:net');
const { isMainThread } = require('node:worker_threads');

if (isMainThread) {
  const owner = new Socket({ fd: 0 });
  owner.on('close', () => {
    rmSync(process.env.REAL_N8N_SCRATCH, { recursive: true, force: true });
    process.kill(process.pid, 'SIGKILL');
  });
  owner.resume();
  owner.unref();
}
