-- Copyright: (c) 2026, chatbot.ops contributors
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What the API keeps of each WhatsApp message, and the API's password, which the container has in its environment.

\getenv api_password API_DATABASE_PASSWORD
ALTER ROLE chatbot_app PASSWORD :'api_password';

SET ROLE chatbot_app;
CREATE TABLE messages (
  id         uuid PRIMARY KEY,
  phone      text NOT NULL,
  body       text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX messages_by_time ON messages (created_at);
COMMENT ON TABLE messages IS 'Mensajes de WhatsApp recibidos y confirmados';
RESET ROLE;
