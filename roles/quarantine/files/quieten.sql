-- Copyright: (c) 2026, chatbot.ops contributors
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- n8n's workflows, inactive before n8n starts on them, in whatever schema and behind whatever prefix they are: the variable
-- keep (JSON) names those that stay as they are, by id or name. n8n 1.x asks for active, late 1.x and 2.x for
-- "activeVersionId".
SELECT format(
    'UPDATE %I.%I SET %s WHERE NOT (id::text IN (SELECT jsonb_array_elements_text(%L::jsonb))'
    ' OR name IN (SELECT jsonb_array_elements_text(%L::jsonb)))',
    table_schema, table_name,
    string_agg(format('%I = %s', column_name, CASE column_name WHEN 'active' THEN 'false' ELSE 'NULL' END), ', ')
    FILTER (WHERE column_name IN ('active', 'activeVersionId')),
    :'keep', :'keep'
)
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_name LIKE '%workflow\_entity' AND table_type = 'BASE TABLE'
GROUP BY table_schema, table_name
-- No other program's table of that name has these.
HAVING array_agg(column_name::text) @> ARRAY['id', 'name', 'active', 'nodes', 'connections']
\gexec
SELECT format(
    'DELETE FROM %1$I.%2$I WHERE "workflowId"::text IN (SELECT id::text FROM %1$I.%3$I WHERE NOT active)',
    webhooks.table_schema, webhooks.table_name, workflows.table_name
)
FROM information_schema.columns webhooks JOIN information_schema.columns workflows
    ON workflows.table_schema = webhooks.table_schema AND workflows.column_name = 'nodes'
    AND workflows.table_name = regexp_replace(webhooks.table_name, 'webhook_entity$', 'workflow_entity')
WHERE webhooks.table_name LIKE '%webhook\_entity' AND webhooks.column_name = 'workflowId'
\gexec
