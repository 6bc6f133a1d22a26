// Copyright: (c) 2026, chatbot.ops contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The API of the lottery chatbot. A message is acknowledged only after its row was committed: whoever holds an
// acknowledgement may count on finding the message in the database.
//   GET /health     200 if the database answers, else 503
//   POST /messages  {id, phone, body} -> 200 {id}; sent again with the same id, it is the same message
'use strict';

const { createServer } = require('node:http');
const { Pool } = require('pg');

const LARGEST = 64 * 1024;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

// The connection is described by PGHOST, PGUSER, PGPASSWORD and PGDATABASE.
const pool = new Pool({ max: 10, connectionTimeoutMillis: 2000, query_timeout: 5000 });
// An idle connection that breaks (the database restarts) is replaced by the pool; unheard, it would end the process.
pool.on('error', (error) => console.error(`database connection lost: ${error.message}`));

async function health() {
  await pool.query('SELECT 1 FROM messages LIMIT 1');
  return { status: 'ok' };
}

async function receive(request) {
  const { id, phone, body } = JSON.parse(await read(request));
  if (typeof id !== 'string' || !UUID.test(id) || typeof phone !== 'string' || typeof body !== 'string') {
    throw Object.assign(new Error('id (a UUID), phone and body are needed'), { status: 400 });
  }
  await pool.query('INSERT INTO messages (id, phone, body) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING', [
    id,
    phone,
    body,
  ]);
  return { id };
}

async function read(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > LARGEST) throw Object.assign(new Error('too large'), { status: 413 });
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const ROUTES = { 'GET /health': health, 'POST /messages': receive };

const server = createServer(async (request, response) => {
  let status = 200;
  let answer;
  try {
    const route = ROUTES[`${request.method} ${request.url}`];
    if (!route) throw Object.assign(new Error('no such resource'), { status: 404 });
    answer = await route(request);
  } catch (error) {
    status = error instanceof SyntaxError ? 400 : error.status || 503;
    answer = { status: 'error', error: error.message };
    console.error(`${request.method} ${request.url} ${status}: ${error.message}`);
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
});
server.listen(3000);

process.on('SIGTERM', () => {
  server.close(() => pool.end().then(() => process.exit(0)));
  server.closeIdleConnections();
});
