-- Copyright: (c) 2026, chatbot.ops contributors
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The tables of an n8n 1.x on SQLite that matter to a backup, reduced from its 53; names and types are n8n's.

CREATE TABLE migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp bigint NOT NULL, name varchar NOT NULL);
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL, loadOnStartup boolean NOT NULL DEFAULT false);

CREATE TABLE user (
  id        varchar PRIMARY KEY,
  email     varchar(255) UNIQUE,
  firstName varchar(32),
  lastName  varchar(32),
  password  varchar,
  roleSlug  varchar(128) NOT NULL DEFAULT 'global:member',
  createdAt datetime(3) NOT NULL,
  updatedAt datetime(3) NOT NULL
);
CREATE TABLE project (
  id        varchar(36) PRIMARY KEY,
  name      varchar(255) NOT NULL,
  type      varchar(36) NOT NULL,
  createdAt datetime(3) NOT NULL,
  updatedAt datetime(3) NOT NULL
);
CREATE TABLE project_relation (
  projectId varchar(36) NOT NULL REFERENCES project ON DELETE CASCADE,
  userId    varchar NOT NULL REFERENCES user ON DELETE CASCADE,
  role      varchar NOT NULL,
  PRIMARY KEY (projectId, userId)
);

CREATE TABLE credentials_entity (
  id        varchar(36) PRIMARY KEY,
  name      varchar(128) NOT NULL,
  data      TEXT NOT NULL,
  type      varchar(128) NOT NULL,
  isManaged boolean NOT NULL DEFAULT 0,
  createdAt datetime(3) NOT NULL,
  updatedAt datetime(3) NOT NULL
);
CREATE TABLE shared_credentials (
  credentialsId varchar(36) NOT NULL REFERENCES credentials_entity ON DELETE CASCADE,
  projectId     varchar(36) NOT NULL REFERENCES project ON DELETE CASCADE,
  role          TEXT NOT NULL,
  PRIMARY KEY (credentialsId, projectId)
);

CREATE TABLE workflow_entity (
  id             varchar(36) PRIMARY KEY,
  name           varchar(128) NOT NULL,
  active         boolean NOT NULL,
  isArchived     boolean NOT NULL DEFAULT FALSE,
  nodes          TEXT,
  connections    TEXT,
  settings       TEXT,
  staticData     TEXT,
  pinData        TEXT,
  meta           TEXT,
  triggerCount   INTEGER NOT NULL DEFAULT 0,
  versionId      varchar(36) NOT NULL,
  versionCounter INTEGER NOT NULL DEFAULT 1,
  createdAt      datetime(3) NOT NULL,
  updatedAt      datetime(3) NOT NULL
);
CREATE TABLE workflow_history (
  versionId   varchar(36) PRIMARY KEY,
  workflowId  varchar(36) NOT NULL REFERENCES workflow_entity ON DELETE CASCADE,
  authors     varchar(255) NOT NULL,
  nodes       TEXT NOT NULL,
  connections TEXT NOT NULL,
  createdAt   datetime(3) NOT NULL,
  updatedAt   datetime(3) NOT NULL
);
CREATE TABLE shared_workflow (
  workflowId varchar(36) NOT NULL REFERENCES workflow_entity ON DELETE CASCADE,
  projectId  varchar(36) NOT NULL REFERENCES project ON DELETE CASCADE,
  role       TEXT NOT NULL,
  PRIMARY KEY (workflowId, projectId)
);
CREATE TABLE webhook_entity (
  webhookPath varchar NOT NULL,
  method      varchar NOT NULL,
  workflowId  varchar(36) NOT NULL REFERENCES workflow_entity ON DELETE CASCADE,
  node        varchar NOT NULL,
  webhookId   varchar,
  pathLength  INTEGER,
  PRIMARY KEY (webhookPath, method)
);

CREATE TABLE execution_entity (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  workflowId varchar(36) NOT NULL REFERENCES workflow_entity ON DELETE CASCADE,
  finished   boolean NOT NULL,
  mode       varchar NOT NULL,
  status     varchar NOT NULL,
  createdAt  datetime(3) NOT NULL,
  startedAt  datetime,
  stoppedAt  datetime,
  deletedAt  datetime(3)
);
CREATE INDEX executions_by_workflow ON execution_entity (workflowId, id);
CREATE INDEX executions_deleted ON execution_entity (deletedAt);
CREATE TABLE execution_data (
  executionId  INT PRIMARY KEY REFERENCES execution_entity ON DELETE CASCADE,
  workflowData TEXT NOT NULL,
  data         TEXT NOT NULL
);
CREATE TABLE execution_metadata (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  executionId INTEGER NOT NULL REFERENCES execution_entity ON DELETE CASCADE,
  key         varchar(255) NOT NULL,
  value       TEXT NOT NULL
);

CREATE TABLE tag_entity (
  id        varchar(36) PRIMARY KEY,
  name      varchar(24) NOT NULL UNIQUE,
  createdAt datetime(3) NOT NULL,
  updatedAt datetime(3) NOT NULL
);
CREATE TABLE workflows_tags (
  workflowId varchar(36) NOT NULL REFERENCES workflow_entity ON DELETE CASCADE,
  tagId      varchar(36) NOT NULL REFERENCES tag_entity ON DELETE CASCADE,
  PRIMARY KEY (workflowId, tagId)
);
CREATE TABLE variables (id varchar(36) PRIMARY KEY, key TEXT NOT NULL, type TEXT NOT NULL DEFAULT 'string', value TEXT);
CREATE TABLE installed_packages (
  packageName      char(214) PRIMARY KEY,
  installedVersion char(50) NOT NULL,
  createdAt        datetime(3) NOT NULL,
  updatedAt        datetime(3) NOT NULL
);
CREATE TABLE installed_nodes (
  name          char(200) PRIMARY KEY,
  type          char(200) NOT NULL,
  latestVersion INTEGER NOT NULL DEFAULT 1,
  package       char(214) NOT NULL REFERENCES installed_packages ON DELETE CASCADE
);
