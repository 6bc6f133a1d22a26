-- Copyright: (c) 2026, chatbot.ops contributors
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What n8n 2.x adds to the tables of sample_n8n_1.sql.

CREATE TABLE deployment_key (
  id        varchar(36) PRIMARY KEY,
  type      varchar(64) NOT NULL,
  value     TEXT NOT NULL,
  algorithm varchar(20),
  status    varchar(20) NOT NULL,
  createdAt datetime(3) NOT NULL,
  updatedAt datetime(3) NOT NULL
);
CREATE TABLE workflow_published_version (
  workflowId         varchar(36) PRIMARY KEY REFERENCES workflow_entity ON DELETE RESTRICT,
  publishedVersionId varchar(36) NOT NULL REFERENCES workflow_history ON DELETE RESTRICT,
  createdAt          datetime(3) NOT NULL,
  updatedAt          datetime(3) NOT NULL
);
CREATE TABLE binary_data (
  fileId     varchar PRIMARY KEY,
  sourceType varchar(50) NOT NULL,
  sourceId   varchar(255) NOT NULL,
  data       BLOB NOT NULL,
  mimeType   varchar(255),
  fileName   varchar(255),
  fileSize   INTEGER NOT NULL,
  createdAt  datetime(3) NOT NULL,
  updatedAt  datetime(3) NOT NULL
);

ALTER TABLE workflow_entity ADD COLUMN description TEXT;
ALTER TABLE workflow_entity ADD COLUMN activeVersionId varchar(36) REFERENCES workflow_history ON DELETE RESTRICT;
ALTER TABLE workflow_history ADD COLUMN name varchar(128);
ALTER TABLE workflow_history ADD COLUMN autosaved boolean NOT NULL DEFAULT false;
ALTER TABLE credentials_entity ADD COLUMN isGlobal boolean NOT NULL DEFAULT 0;
ALTER TABLE credentials_entity ADD COLUMN usageScope VARCHAR(16) NOT NULL DEFAULT 'project';
ALTER TABLE execution_entity ADD COLUMN storedAt varchar(2) NOT NULL DEFAULT 'db';
ALTER TABLE execution_entity ADD COLUMN jsonSizeBytes bigint NOT NULL DEFAULT 0;
ALTER TABLE execution_data ADD COLUMN workflowVersionId VARCHAR(36);
